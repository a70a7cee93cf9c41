// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import CAllocationCounter
    import ServiceContextModule
    import TelemetryAPI
    import TelemetryPropagators
    import Testing

    @Suite("Propagators: allocations")
    struct AllocationTests {
        /// Allocations of this thread in a thousand calls of `body`, after one to warm up.
        private func allocations(_ body: () -> Void) -> UInt64 {
            body()
            let before = contrail_allocations_of_this_thread()
            for _ in 0..<1_000 { body() }
            return contrail_allocations_of_this_thread() - before
        }

        @Test("the counter counts")
        func counter() {
            #expect(allocations { withExtendedLifetime([UInt8](repeating: 1, count: 64)) {} } >= 1_000)
        }

        @Test("a request without headers of a format costs no allocation, whatever the carrier")
        func withoutHeaders() {
            check(W3CTraceContextPropagator())
            check(W3CBaggagePropagator())
            check(B3Propagator())
            check(B3Propagator(form: .multi))
            check(JaegerPropagator())
            check(XRayPropagator())
            check(OTTracePropagator())
            check(CompositePropagator.standard)
            check(CompositePropagator.none)
        }

        private func check(_ propagator: some TextMapPropagator) {
            let name = "\(type(of: propagator)) \(propagator.fields)"
            var context = ServiceContext.topLevel
            let headers = ["host": "localhost", "accept": "*/*"]
            #expect(
                allocations { propagator.extract(headers, into: &context, using: DictionaryCarrier()) } == 0,
                "\(name), extract from a dictionary")
            let list: HeaderListCarrier.Carrier = [
                (name: "host", value: "localhost"), (name: "x", value: "y"),
            ]
            #expect(
                allocations { propagator.extract(list, into: &context, using: HeaderListCarrier()) } == 0,
                "\(name), extract from a list")
            var out: [String: String] = [:]
            #expect(
                allocations { propagator.inject(context, into: &out, using: DictionaryCarrier()) } == 0,
                "\(name), inject nothing")
            #expect(context.isEmpty)
            #expect(out.isEmpty)
        }
    }
#endif
