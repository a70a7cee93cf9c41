// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@testable import Contrail

@Suite("Spans that wait for their root")
struct WaitingSpansTests {
    private func names(_ groups: [WaitingSpans.Group]) -> [[String]] { groups.map { $0.spans.map(\.name) } }

    @Test("a root takes what hangs on it, and leaves the rest of its trace")
    func takesItsOwn() {
        var waiting = WaitingSpans()
        #expect(waiting.add(.drawn(4, under: 3, "grandchild", 2..<3), serviceName: "s", now: .zero) == [])
        #expect(waiting.add(.drawn(3, under: 2, "child", 1..<4), serviceName: "s", now: .zero) == [])
        #expect(waiting.add(.drawn(8, under: 7, "other", 1..<4), serviceName: "s", now: .zero) == [])
        let groups = waiting.add(.drawn(2, "root", 0..<5), serviceName: "s", now: .zero)
        #expect(names(groups) == [["root", "grandchild", "child"]])
        #expect(groups.first?.isWhole == true)
        #expect(waiting.count == 1)
        #expect(names(waiting.drain()) == [["other"]])
        #expect(waiting.count == 0)
        #expect(waiting.nextDeadline == nil)
    }

    @Test("a span that ends after its root waits only for the others that do")
    func late() {
        var waiting = WaitingSpans()
        _ = waiting.add(.drawn(1, "root", 0..<5), serviceName: "s", now: .seconds(10))
        _ = waiting.add(.drawn(2, under: 1, "late", 0..<9), serviceName: "s", now: .seconds(10))
        #expect(waiting.nextDeadline == .seconds(11))
        #expect(waiting.expire(now: .seconds(10)) == [])
        #expect(names(waiting.expire(now: .seconds(11))) == [["late"]])
    }

    @Test("above the limit the trace that has waited longest is shown as it is: nothing is lost")
    func limit() {
        var waiting = WaitingSpans(limits: .init(spansMax: 3))
        var shown: [[String]] = []
        for number in 1...5 {
            let span = SpanData.drawn(
                UInt64(number), under: 99, "\(number)", 0..<1, trace: UInt64(number), flags: 0x101)
            shown += names(waiting.add(span, serviceName: "s", now: .seconds(number)))
            #expect(waiting.count <= 3)
        }
        #expect(shown == [["1"], ["2"]])
        #expect(names(waiting.drain()) == [["3"], ["4"], ["5"]])
    }

    @Test("parents in a circle and spans of the same id are drawn, each once")
    func circles() {
        let spans: [SpanData] = [
            .drawn(1, under: 2, "a", 0..<1), .drawn(2, under: 1, "b", 0..<1),
            .drawn(3, under: 3, "self", 0..<1),
            .drawn(4, "twin", 0..<1), .drawn(4, "twin", 0..<1), .drawn(5, under: 4, "child", 0..<1),
        ]
        let text = String(
            decoding: SpanTreeText.draw(
                .init(spans: spans, serviceName: "", isWhole: false), isColoured: false), as: UTF8.self)
        #expect(text.split(separator: "\n").count == 7, "\(text)")
    }

    @Test("the same spans in another order make the same text, attributes by their keys")
    func stable() {
        let spans: [SpanData] = [
            .drawn(1, "root", 0..<9), .drawn(2, under: 1, "a", 1..<2), .drawn(3, under: 1, "b", 1..<2),
            .drawn(4, under: 2, "c", 1..<2),
        ]
        let text = SpanTreeText.draw(.init(spans: spans, serviceName: "s", isWhole: true), isColoured: false)
        let sorted = SpanTreeText.draw(
            .init(
                spans: [.drawn(1, "root", 0..<9, attributes: ["z": 1, "a": 2])], serviceName: "s",
                isWhole: true),
            isColoured: false)
        #expect(String(decoding: sorted, as: UTF8.self).hasSuffix("█  a=2  z=1\n"))
        for _ in 0..<10 {
            let other = SpanTreeText.draw(
                .init(spans: spans.shuffled(), serviceName: "s", isWhole: true), isColoured: false)
            #expect(other == text)
        }
    }

    @Test("ten thousand levels are drawn, indented only so far")
    func deep() {
        let spans = (1...10_000).map { (number: UInt64) in
            SpanData.drawn(number, under: number == 1 ? nil : number - 1, "s", 0..<1)
        }
        let bytes = SpanTreeText.draw(.init(spans: spans, serviceName: "s", isWhole: true), isColoured: false)
        #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 10_001)
        #expect(bytes.count < 5_000_000)
    }

    @Test(
        "durations have three digits and a unit",
        arguments: [
            (0, "0 ns"), (870, "870 ns"), (1_234, "1.23 µs"), (12_345_678, "12.3 ms"),
            (999_999_999, "999 ms"),
            (1_200_000_000, "1.20 s"), (125_000_000_000, "125 s"),
        ] as [(UInt64, String)])
    func durations(nano: UInt64, text: String) {
        #expect(SpanTreeText.duration(nano) == text)
    }
}
