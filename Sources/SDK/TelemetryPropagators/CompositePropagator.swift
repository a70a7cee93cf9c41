// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI

/// Several propagators, asked one after the other in the order given.
///
/// When two read the same thing, what the later one finds replaces what the earlier one found. No
/// propagators at all carries nothing. Source: OpenTelemetry specification 1.60, "Composite Propagator".
public struct CompositePropagator: TextMapPropagator {
    private let propagators: [any TextMapPropagator]

    /// Composites among `propagators` are opened. Of two with the same type and the same fields the first
    /// stays.
    public init(_ propagators: [any TextMapPropagator]) {
        var distinct: [any TextMapPropagator] = []
        for propagator in propagators.flatMap({ ($0 as? CompositePropagator)?.propagators ?? [$0] })
        where !distinct.contains(where: {
            type(of: $0) == type(of: propagator) && $0.fields == propagator.fields
        }) {
            distinct.append(propagator)
        }
        self.propagators = distinct
    }

    /// Carries nothing in either direction.
    public static let none = CompositePropagator([])

    /// What the specification prescribes when nothing is configured: `tracecontext,baggage`.
    public static let standard = CompositePropagator([W3CTraceContextPropagator(), W3CBaggagePropagator()])

    public var fields: [String] {
        propagators.reduce(into: []) { fields, propagator in
            for field in propagator.fields where !fields.contains(field) { fields.append(field) }
        }
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        for index in propagators.indices {
            propagators[index].inject(context, into: &carrier, using: injector)
        }
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        // By index: iterating copies each propagator into a box when the compiler does not optimize.
        for index in propagators.indices {
            propagators[index].extract(carrier, into: &context, using: extractor)
        }
    }
}
