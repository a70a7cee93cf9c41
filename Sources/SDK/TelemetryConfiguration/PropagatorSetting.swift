// SPDX-License-Identifier: Apache-2.0

public import TelemetryAPI
import TelemetryPropagators

/// Headers that context travels in.
public struct PropagatorSetting: Sendable, CustomStringConvertible {
    /// The name that `OTEL_PROPAGATORS` has for it; the type's name for one of your own.
    public let description: String
    package let propagator: any TextMapPropagator

    private init(_ description: String, _ propagator: any TextMapPropagator) {
        self.description = description
        self.propagator = propagator
    }

    /// `traceparent` and `tracestate`, W3C Trace Context.
    public static let traceContext = PropagatorSetting("tracecontext", W3CTraceContextPropagator())
    /// `baggage`, W3C Baggage.
    public static let baggage = PropagatorSetting("baggage", W3CBaggagePropagator())
    /// Zipkin's single header `b3`; reads `X-B3-…` too.
    public static let b3 = PropagatorSetting("b3", B3Propagator())
    /// Zipkin's `X-B3-…`; reads `b3` too.
    public static let b3Multi = PropagatorSetting("b3multi", B3Propagator(form: .multi))
    /// Jaeger's `uber-trace-id`.
    public static let jaeger = PropagatorSetting("jaeger", JaegerPropagator())
    /// AWS X-Ray's `X-Amzn-Trace-Id`.
    public static let xray = PropagatorSetting("xray", XRayPropagator())
    /// `ot-tracer-…` of the OpenTracing basic tracers.
    public static let otTrace = PropagatorSetting("ottrace", OTTracePropagator())

    /// One of your own.
    public static func custom(_ propagator: any TextMapPropagator) -> PropagatorSetting {
        PropagatorSetting("\(type(of: propagator))", propagator)
    }

    private static let known = [traceContext, baggage, b3, b3Multi, jaeger, xray, otTrace]

    /// The names that `OTEL_PROPAGATORS` knows, but for `none`.
    package static var names: [String] { known.map(\.description) }

    /// The propagator of one of ``names``; nil for other names.
    package init?(name: String) {
        guard let found = Self.known.first(where: { $0.description == name }) else { return nil }
        self = found
    }
}
