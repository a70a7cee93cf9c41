// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@testable import TelemetrySDK

@Suite("Sampling thresholds")
struct SamplingThresholdTests {
    // The table of the specification 1.60, "Converting floating-point probability to threshold value".
    @Test(
        "shares become the specification's thresholds, with 3, 4 and 5 digits",
        arguments: [
            (1, ["0", "0", "0"]), (2, ["8", "8", "8"]), (3, ["aab", "aaab", "aaaab"]), (4, ["c", "c", "c"]),
            (5, ["ccd", "cccd", "ccccd"]), (8, ["e", "e", "e"]), (10, ["e66", "e666", "e6666"]),
            (16, ["f", "f", "f"]), (100, ["fd71", "fd70a", "fd70a4"]),
            (1_000, ["ffbe7", "ffbe77", "ffbe76d"]),
            (10_000, ["fff972", "fff9724", "fff97247"]), (100_000, ["ffff584", "ffff583a", "ffff583a5"]),
            (1_000_000, ["ffffef4", "ffffef39", "ffffef391"]),
        ] as [(Double, [String])])
    func table(oneIn: Double, texts: [String]) {
        for (digits, text) in zip(3...5, texts) {
            #expect(SamplingThreshold(ratio: 1 / oneIn, digits: digits)?.hex == text)
        }
    }

    @Test("the smallest share is 2^-56; below it, above 1 and not-a-number are none")
    func range() {
        #expect(SamplingThreshold(ratio: 0x1p-56)?.value == 0xff_ffff_ffff_ffff)
        #expect(SamplingThreshold(ratio: 0x1p-57) == nil)
        #expect(SamplingThreshold(ratio: 0) == nil)
        #expect(SamplingThreshold(ratio: 1.1) == nil)
        #expect(SamplingThreshold(ratio: .nan) == nil)
        #expect(SamplingThreshold(value: 1 << 56) == nil)
    }

    @Test(
        "text is 1 to 14 lower-case digits, as if zeros followed",
        arguments: [
            ("0", 0), ("c", 0xc0_0000_0000_0000), ("00000000000001", 1), ("fd70a4", 0xfd_70a4_0000_0000),
            ("", nil), ("C", nil), ("g", nil), ("000000000000001", nil), ("-1", nil), ("1 ", nil),
        ] as [(String, UInt64?)])
    func text(text: String, value: UInt64?) {
        #expect(SamplingThreshold(hex: text)?.value == value)
    }

    @Test("any threshold is read back from its text, which has no zero at its end")
    func roundTrip() {
        for _ in 0..<1_000 {
            let shift = UInt64.random(in: 0..<56)
            let random = UInt64.random(in: 0..<(1 << 56))
            guard let threshold = SamplingThreshold(value: (random >> shift) << shift) else { continue }
            #expect(SamplingThreshold(hex: threshold.hex) == threshold)
            #expect(threshold.hex == "0" || !threshold.hex.hasSuffix("0"))
        }
    }

    @Test("a share is told from its threshold")
    func ratio() {
        #expect(SamplingThreshold(hex: "c")?.ratio == 0.25)
        #expect(SamplingThreshold.always.ratio == 1)
    }

    @Test("a trace is kept when its randomness is not below the threshold")
    func keeps() throws {
        let threshold = try #require(SamplingThreshold(hex: "8"))
        #expect(threshold.keeps(randomness: 0x80_0000_0000_0000))
        #expect(!threshold.keeps(randomness: 0x7f_ffff_ffff_ffff))
    }

    @Test(
        "the member ot is read: th, rv, and what others have put there",
        arguments: [
            ("th:c", "c", nil, "th:c"), ("rv:6e6d1a75832a2f", nil, 0x6e_6d1a_7583_2a2f, "rv:6e6d1a75832a2f"),
            ("a:1;th:c00;rv:00000000000000;b:2", "c", 0, "th:c;rv:00000000000000;a:1;b:2"),
            ("th:xyz;rv:1", nil, nil, ""), ("rv:6E6D1A75832A2F", nil, nil, ""), ("", nil, nil, ""),
            (";;th", nil, nil, "th"), ("p:8", nil, nil, "p:8"),
        ] as [(String, String?, UInt64?, String)])
    func member(text: String, threshold: String?, randomness: UInt64?, written: String) {
        let state = OpenTelemetryTraceState(value: text)
        #expect(state.threshold?.hex == threshold)
        #expect(state.randomness == randomness)
        #expect(state.value == written)
    }

    @Test("a member that would be longer than 256 characters is not written")
    func tooLong() throws {
        let full = "a:" + String(repeating: "x", count: 250)
        let state = try #require(TraceState(headerValue: "ot=\(full),z=1"))
        var member = OpenTelemetryTraceState(state)
        member.threshold = SamplingThreshold(hex: "fd70a4")
        let (kept, fits) = member.written(into: state)
        #expect(!fits)
        #expect(kept == state)
    }
}
