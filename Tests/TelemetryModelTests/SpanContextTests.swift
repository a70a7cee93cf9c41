// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@Suite("Model: span context")
struct SpanContextTests {
    static let trace = TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c)
    static let span = SpanID(value: 0xb7ad_6b71_6920_3331)

    @Test(
        "a context is valid when both ids are",
        arguments: [(true, true, true), (true, false, false), (false, true, false), (false, false, false)])
    func validity(hasTrace: Bool, hasSpan: Bool, isValid: Bool) {
        let context = SpanContext(
            traceID: hasTrace ? Self.trace : .invalid, spanID: hasSpan ? Self.span : .invalid)
        #expect(context.isValid == isValid)
        #expect(!SpanContext.invalid.isValid)
    }

    @Test("a context is remote only when it says so")
    func remote() {
        #expect(!SpanContext(traceID: Self.trace, spanID: Self.span).isRemote)
        #expect(SpanContext(traceID: Self.trace, spanID: Self.span, isRemote: true).isRemote)
    }

    @Test("ids, flags and state have W3C's form: lower-case hexadecimal, eight bits, an ordered list")
    func form() throws {
        let context = SpanContext(
            traceID: Self.trace, spanID: Self.span, traceFlags: [.sampled, .random],
            traceState: try #require(TraceState(headerValue: "a=1,b=2")))
        #expect(context.traceID.hex == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.spanID.hex == "b7ad6b7169203331")
        #expect(context.traceFlags.rawValue == 0x03)
        #expect(context.isSampled)
        #expect(context.traceState.headerValue == "a=1,b=2")
    }
}
