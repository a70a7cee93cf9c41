// SPDX-License-Identifier: Apache-2.0

public import Instrumentation

/// Environment variables as a carrier: hands the context to a child process and reads it there.
///
/// Any propagator works with it; W3C's headers become `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`.
/// Source: OpenTelemetry specification 1.60, "Environment Variables as Context Propagation Carriers".
public struct EnvironmentCarrier: Injector, Extractor {
    public typealias Carrier = [String: String]

    public init() {}

    public func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[Self.variable(for: key)] = value
    }

    public func extract(key: String, from carrier: [String: String]) -> String? {
        carrier[Self.variable(for: key)]
    }

    /// The variable that carries the header `key`: upper-case ASCII, other characters `_`, never a leading
    /// digit.
    public static func variable(for key: String) -> String {
        // "Key normalization": `^[A-Z_][A-Z0-9_]*$`
        var name = ""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z": name += String(scalar).uppercased()
            case "0"..."9":
                if name.isEmpty { name = "_" }
                name.unicodeScalars.append(scalar)
            default: name += "_"
            }
        }
        return name.isEmpty ? "_" : name
    }
}
