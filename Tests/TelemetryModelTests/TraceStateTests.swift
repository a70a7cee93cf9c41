// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@Suite("Model: trace state")
struct TraceStateTests {
    @Test(
        "a header that follows the grammar is kept as it is",
        arguments: [
            "a=1", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "0=x", "tenant@system=v",
            "a_-*/@b= inner space",
            String(repeating: "k", count: 256) + "=" + String(repeating: "v", count: 256),
        ])
    func valid(header: String) throws {
        #expect(try #require(TraceState(headerValue: header)).headerValue == header)
    }

    @Test("white space around members and empty members are legal and not kept")
    func whiteSpace() throws {
        let state = try #require(TraceState(headerValue: " a=1 ,\t, b=2\t,"))
        #expect(state.headerValue == "a=1,b=2")
        #expect(TraceState(headerValue: "")?.isEmpty == true)
    }

    @Test(
        "a header that breaks the grammar is refused whole",
        arguments: [
            "a", "=1", "a=", "A=1", "a=1,a=2", "a=1=2", "a =1", "ä=1", "a=\u{7f}", "a=ü", "_a=1",
            String(repeating: "k", count: 257) + "=v", "k=" + String(repeating: "v", count: 257),
            (0...32).map { "k\($0)=v" }.joined(separator: ","),
        ])
    func invalid(header: String) { #expect(TraceState(headerValue: header) == nil) }

    @Test("a changed member moves to the front, and the oldest goes when there are too many")
    func setting() throws {
        let full = try #require(
            TraceState(headerValue: (0..<32).map { "k\($0)=v" }.joined(separator: ",")))
        let changed = try #require(full.setting("k5", to: "new"))
        #expect(changed.members.first == .some(try #require(TraceState(headerValue: "k5=new")).members[0]))
        #expect(changed.members.count == 32)
        let added = try #require(full.setting("fresh", to: "1"))
        #expect(added.members.count == 32)
        #expect(added["fresh"] == "1")
        #expect(added["k31"] == nil)
        #expect(full.setting("Bad", to: "1") == nil)
        #expect(full.setting("ok", to: "a,b") == nil)
        #expect(added.removing("fresh")["fresh"] == nil)
    }
}
