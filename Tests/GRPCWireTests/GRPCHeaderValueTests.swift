// SPDX-License-Identifier: Apache-2.0

import GRPCWire
import Testing

@Suite("gRPC: values of headers")
struct GRPCHeaderValueTests {
    @Test(
        "a status message is ASCII on its way, and what it was behind it",
        arguments: [
            ("plain text~", "plain text~"), ("100 %", "100 %25"), ("a\nb", "a%0Ab"), ("ü", "%C3%BC"),
            ("", ""),
        ])
    func message(text: String, encoded: String) {
        #expect(GRPCStatusMessage.encode(text) == encoded)
        #expect(GRPCStatusMessage.decode(encoded) == text)
    }

    @Test(
        "a message that is coded wrongly is kept",
        arguments: [("100%", "100%"), ("%4", "%4"), ("%zz", "%zz"), ("%c3%bc", "ü"), ("%ff", "\u{fffd}")])
    func wrong(encoded: String, text: String) {
        #expect(GRPCStatusMessage.decode(encoded) == text)
    }

    @Test(
        "a timeout has eight digits at most and is never shortened",
        arguments: [
            (Duration.nanoseconds(1), "1n"), (.zero, "1n"), (.seconds(-1), "1n"),
            (.nanoseconds(99_999_999), "99999999n"), (.nanoseconds(100_000_001), "100001u"),
            (.seconds(10), "10000000u"), (.seconds(100), "100000m"), (.seconds(1_000_000), "1000000S"),
            (.seconds(100_000_000), "1666667M"), (.seconds(Int64.max), "2562048H"),
        ])
    func timeout(duration: Duration, text: String) throws {
        #expect(GRPCTimeout.text(duration) == text)
        let read = try #require(GRPCTimeout.duration(text))
        #expect(read >= min(duration, .nanoseconds(Int64.max)))
    }

    @Test("every unit of a timeout is read, and nothing else is")
    func readTimeout() {
        #expect(GRPCTimeout.duration("2H") == .seconds(7_200))
        #expect(GRPCTimeout.duration("3M") == .seconds(180))
        #expect(GRPCTimeout.duration("4S") == .seconds(4))
        #expect(GRPCTimeout.duration("5m") == .milliseconds(5))
        #expect(GRPCTimeout.duration("6u") == .microseconds(6))
        #expect(GRPCTimeout.duration("00000007n") == .nanoseconds(7))
        #expect(GRPCTimeout.duration("99999999H") == .nanoseconds(Int64.max))
        for text in ["", "S", "1", "1s", "-1S", "+1S", " 1S", "1 S", "123456789S", "1.5S", "٣S"] {
            #expect(GRPCTimeout.duration(text) == nil, "\(text)")
        }
    }

    @Test("bytes are written without padding and read with and without", arguments: 0...6)
    func binary(count: Int) {
        let bytes = (0..<count).map { UInt8(250 + $0 % 6) }
        let text = GRPCBinaryHeader.text(bytes)
        #expect(!text.contains("="))
        #expect(GRPCBinaryHeader.values(text) == [bytes])
        let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
        #expect(GRPCBinaryHeader.values(padded) == [bytes])
    }

    @Test("several values in one header are all read, the broken one apart")
    func several() {
        #expect(GRPCBinaryHeader.values("AQ,Ag==, Aw ,!") == [[1], [2], [3], nil])
    }
}
