// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import TelemetryModel
import Testing

@testable import TelemetryAPI

private enum FirstKey: ServiceContextKey {
    typealias Value = String
    static let nameOverride: String? = "same name"
}

private enum SecondKey: ServiceContextKey {
    typealias Value = String
    static let nameOverride: String? = "same name"
}

/// One header, `x-first`, for what ``FirstKey`` holds.
private struct FirstKeyPropagator: TextMapPropagator {
    var fields: [String] { ["x-first"] }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let value = context[FirstKey.self] { injector.inject(value, forKey: "x-first", into: &carrier) }
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        if let value = extractor.extract(key: "x-first", from: carrier) { context[FirstKey.self] = value }
    }
}

private struct Headers: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}

@Suite("Context")
struct ContextTests {
    @Test("two keys of one name are two keys")
    func keys() {
        var context = ServiceContext.topLevel
        context[FirstKey.self] = "first"
        #expect(context[SecondKey.self] == nil)
        #expect(context[FirstKey.self] == "first")
    }

    @Test("setting a value changes no other copy of a context")
    func setting() {
        let before = ServiceContext.topLevel
        var after = before
        after[FirstKey.self] = "value"
        #expect(before[FirstKey.self] == nil)
        #expect(after[FirstKey.self] == "value")
    }

    @Test("an attached context is current for its scope and the tasks within, and then the old one is again")
    func attachAndDetach() async {
        var outer = ServiceContext.topLevel
        outer[FirstKey.self] = "outer"
        var inner = outer
        inner[FirstKey.self] = "inner"
        #expect(ServiceContext.current?[FirstKey.self] == nil)
        await ServiceContext.withValue(outer) {
            #expect(ServiceContext.current?[FirstKey.self] == "outer")
            await ServiceContext.withValue(inner) {
                async let child = ServiceContext.current?[FirstKey.self]
                #expect(await child == "inner")
            }
            #expect(ServiceContext.current?[FirstKey.self] == "outer")
        }
        #expect(ServiceContext.current?[FirstKey.self] == nil)
    }

    @Test("an error that leaves the scope detaches the context too")
    func detachAfterError() {
        struct Failure: Error {}
        var context = ServiceContext.topLevel
        context[FirstKey.self] = "value"
        #expect(throws: Failure.self) { try ServiceContext.withValue(context) { throw Failure() } }
        #expect(ServiceContext.current?[FirstKey.self] == nil)
    }

    @Test("without SDK the global propagator carries nothing; one that is set is got, until it is taken away")
    func globalPropagator() {
        let slot = PropagatorSlot()
        var context = ServiceContext.topLevel
        context[FirstKey.self] = "value"
        func headers() -> [String: String] {
            var headers: [String: String] = [:]
            slot.current.inject(context, into: &headers, using: Headers())
            return headers
        }
        #expect(headers().isEmpty)
        #expect(slot.current.fields.isEmpty)
        slot.set(FirstKeyPropagator())
        #expect(slot.current.fields == ["x-first"])
        #expect(headers() == ["x-first": "value"])
        var received = ServiceContext.topLevel
        slot.current.extract(headers(), into: &received, using: Headers())
        #expect(received[FirstKey.self] == "value")
        slot.set(nil)
        #expect(headers().isEmpty)
    }
}

@Suite("Baggage")
struct BaggageTests {
    @Test("baggage is read, written and removed in code, and names have case")
    func readAndWrite() {
        var baggage = Baggage()
        baggage["a"] = "B% 💼"
        baggage["A"] = "c"
        #expect(baggage["a"] == "B% 💼")
        #expect(baggage["A"] == "c")
        baggage.set("a", to: "new", metadata: "ttl=1")
        #expect(baggage.entries.map { "\($0.name)=\($0.value);\($0.metadata)" } == ["a=new;ttl=1", "A=c;"])
        baggage["a"] = nil
        #expect(baggage["a"] == nil)
        #expect(baggage.entries.count == 1)
    }

    @Test("the current baggage is changed for a scope and what it starts, and only there")
    func scoped() async {
        #expect(Baggage.current.isEmpty)
        await withBaggage {
            $0["tenant"] = "acme"
        } _: {
            async let child = Baggage.current["tenant"]
            #expect(await child == "acme")
            withBaggage({ $0 = Baggage() }) { #expect(Baggage.current.isEmpty) }
            #expect(Baggage.current["tenant"] == "acme")
        }
        #expect(Baggage.current.isEmpty)
    }
}
