// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TelemetryAPI
import TelemetryPropagators
import Testing

@Suite("W3C baggage")
struct W3CBaggagePropagatorTests {
    private let propagator = W3CBaggagePropagator()

    private func read(_ header: String) -> [String] {
        propagator.context(from: ["baggage": header]).baggage.entries.map { entry in
            "\(entry.name)=\(entry.value)" + (entry.metadata.isEmpty ? "" : ";\(entry.metadata)")
        }
    }

    @Test(
        "a header becomes entries",
        arguments: [
            ("a=1", ["a=1"]), ("a=1,b=2", ["a=1", "b=2"]), (" a = 1 ,\tb\t=\t2 ", ["a=1", "b=2"]),
            ("a=1;p;q=r,b=2", ["a=1;p;q=r", "b=2"]), ("a=1 ; p ; q=r ", ["a=1;p ; q=r"]), ("a=", ["a="]),
            ("a=b=c==", ["a=b=c=="]), ("a=%20%C3%A9%25", ["a= é%"]), ("a=%c3%a9", ["a=é"]),
            ("a=%ff", ["a=\u{fffd}"]), ("a=%zz%4", ["a=%zz%4"]), ("a=1,a=2", ["a=2"]),
            ("A=1,a=2", ["A=1", "a=2"]), ("!#$%&'*+-.^_`|~=1", ["!#$%&'*+-.^_`|~=1"]), ("%41=1", ["%41=1"]),
        ] as [(String, [String])])
    func good(header: String, entries: [String]) {
        #expect(read(header) == entries)
    }

    @Test(
        "a bad member is left out, the others stay",
        arguments: [
            "=1", "a", ";", "", " ", "a b=1", "é=1", "a=é", "a=\"1\"", "a=1 2", "a\u{0}=1", "a=\u{7f}",
        ])
    func badMember(member: String) {
        #expect(read("x=1,\(member),y=2") == ["x=1", "y=2"])
        var before = ServiceContext.topLevel
        before.baggage["kept"] = "yes"
        #expect(propagator.context(from: ["baggage": member], on: before).baggage["kept"] == "yes")
    }

    @Test("values are percent-encoded, and come back as they were")
    func roundTrip() {
        var context = ServiceContext.topLevel
        let values = [
            "plain", "", "a,b;c=d", "100 %", "ünïcödé 🐦", "\"quoted\\\"", "tab\tline\n\u{0}", "%41",
        ]
        for (index, value) in values.enumerated() { context.baggage["k\(index)"] = value }
        let headers = propagator.headers(for: context)
        #expect(headers["baggage"]?.hasPrefix("k0=plain,k1=,k2=a%2Cb%3Bc=d,k3=100%20%25,") == true)
        #expect(propagator.context(from: headers).baggage == context.baggage)
    }

    @Test("metadata is carried as it is, unless it would break the header")
    func metadata() {
        var context = ServiceContext.topLevel
        context.baggage.set("a", to: "1", metadata: "p;q=r")
        context.baggage.set("b", to: "2", metadata: "evil,c=3")
        context.baggage.set("c", to: "3", metadata: "line\nbreak: x")
        #expect(propagator.headers(for: context)["baggage"] == "a=1;p;q=r,b=2,c=3")
    }

    @Test("a name that the header cannot carry stays at home")
    func names() {
        var context = ServiceContext.topLevel
        context.baggage["ключ"] = "1"
        #expect(propagator.headers(for: context) == [:])
        context.baggage["a b"] = "1"
        context.baggage["ok"] = "1"
        #expect(propagator.headers(for: context) == ["baggage": "ok=1"])
    }

    @Test("64 members are carried, those behind are not")
    func members() {
        let header = (0..<100).map { "k\($0)=v" }.joined(separator: ",")
        let context = propagator.context(from: ["baggage": header])
        #expect(context.baggage.entries.count == 64)
        var large = ServiceContext.topLevel
        for index in 0..<100 { large.baggage["k\(index)"] = "v" }
        let sent = propagator.headers(for: large)["baggage"] ?? ""
        #expect(sent == (0..<64).map { "k\($0)=v" }.joined(separator: ","))
    }

    @Test("8192 bytes are carried, and never a part of a member")
    func bytes() {
        let whole = "a=\(String(repeating: "x", count: 4_000)),b=\(String(repeating: "y", count: 4_187))"
        #expect(whole.utf8.count == 8_192)
        #expect(read(whole).count == 2)
        #expect(read(whole + ",c=1").count == 2)
        #expect(read(whole + "y").map { $0.prefix(1) } == ["a"])
        let context = propagator.context(from: ["baggage": whole])
        #expect(propagator.headers(for: context)["baggage"] == whole)
        var larger = context
        larger.baggage["b"] = String(repeating: "y", count: 4_188)
        #expect(propagator.headers(for: larger)["baggage"]?.hasPrefix("a=x") == true)
        #expect(propagator.headers(for: larger)["baggage"]?.utf8.count == 4_002)
    }

    @Test("a header of ten million bytes is read to its limit only")
    func huge() {
        #expect(read(String(repeating: ",", count: 10_000_000)).isEmpty)
        #expect(read("a=1," + String(repeating: "b", count: 10_000_000)) == ["a=1"])
    }

    @Test("baggage can be read and written in code, and a copy is a copy")
    func inCode() {
        var context = ServiceContext.topLevel
        #expect(context.baggage.isEmpty)
        context.baggage["user.tier"] = "gold"
        var copy = context
        copy.baggage["user.tier"] = nil
        #expect(copy.isEmpty)
        #expect(context.baggage["user.tier"] == "gold")
        context.baggage[""] = "nothing"
        #expect(context.baggage.entries.map(\.name) == ["user.tier"])
        context.baggage = Baggage()
        #expect(context.isEmpty)
    }

    @Test("no header, no entry, no question asked twice")
    func absent() {
        let asked = CountingExtractor()
        var context = ServiceContext.topLevel
        propagator.extract(asked, into: &context, using: CountingExtractor.Reader())
        #expect(asked.names == ["baggage"])
        #expect(context.isEmpty)
        #expect(propagator.headers(for: .topLevel) == [:])
        #expect(propagator.fields == ["baggage"])
    }

    @Test("200,000 mutated headers: no crash, and what is read goes out and comes back the same")
    func mutations() {
        var generator = SeededGenerator(seed: 3)
        let seeds = ["a=1,b=2;p=q", "k=%C3%A9,l=x y", "userId=alice;ttl=1"]
        var read = 0
        for round in 0..<200_000 {
            let header = generator.mutation(of: seeds[round % 3])
            let context = propagator.context(from: ["baggage": header])
            guard !context.isEmpty else { continue }
            read += 1
            guard round % 16 == 0 else { continue }
            let again = propagator.context(from: propagator.headers(for: context))
            if again.baggage != context.baggage { Issue.record("\(header)") }
        }
        #expect((1_000..<200_000).contains(read))
    }
}
