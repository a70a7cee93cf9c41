// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import Synchronization

/// The propagator of this process, for code that carries context itself: over a queue, into a file, to a child.
///
/// Source: OpenTelemetry specification 1.60, "Global Propagators".
public enum GlobalPropagator {
    private static let slot = PropagatorSlot()

    /// What ``set(_:)`` was given, else that of the SDK that is installed (or bound to this task, in a test), else
    /// one that carries nothing.
    // "The OpenTelemetry API MUST use no-op propagators unless explicitly configured otherwise."
    public static var current: any TextMapPropagator { slot.current }

    /// Makes `propagator` the one of this process, for programs without SDK; nil leaves it to the SDK again.
    ///
    /// An SDK brings its own: instrumentations of swift-distributed-tracing always use that one.
    public static func set(_ propagator: (any TextMapPropagator)?) { slot.set(propagator) }
}

/// Holds a propagator, or follows what is installed.
final class PropagatorSlot: Sendable {
    private let own = Mutex<(any TextMapPropagator)?>(nil)

    var current: any TextMapPropagator {
        if let own = own.withLock({ $0 }) { return own }
        let instrument = InstrumentationSystem.instrument
        if let provider = instrument as? any PropagatorProviding { return provider.textMapPropagator }
        return InstrumentPropagator(instrument: instrument)
    }

    func set(_ propagator: (any TextMapPropagator)?) { own.withLock { $0 = propagator } }
}

/// An instrument that says which propagator it reads and writes headers with.
public protocol PropagatorProviding {
    /// The same that its `inject` and `extract` use.
    var textMapPropagator: any TextMapPropagator { get }
}

/// Somebody else's instrument as a propagator; which headers it uses is not known.
private struct InstrumentPropagator: TextMapPropagator {
    let instrument: any Instrument

    var fields: [String] { [] }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        instrument.inject(context, into: &carrier, using: injector)
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        instrument.extract(carrier, into: &context, using: extractor)
    }
}
