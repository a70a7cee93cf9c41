// SPDX-License-Identifier: Apache-2.0

public import Instrumentation

/// Writes context into the headers of an outgoing message and reads it from those of an incoming one.
///
/// Never throws: what cannot be read leaves the context as it was. Stateless, safe from many threads.
/// Source: OpenTelemetry specification 1.60, "TextMap Propagator".
public protocol TextMapPropagator: Sendable {
    /// Names of the headers that ``inject(_:into:using:)`` may set.
    var fields: [String] { get }

    /// Sets the headers that carry `context`; none when there is nothing to carry.
    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject)
    where Inject.Carrier == Carrier

    /// Puts what the headers carry into `context`.
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier
}
