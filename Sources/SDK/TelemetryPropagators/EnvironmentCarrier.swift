// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
public import TelemetryAPI

/// Environment variables as a carrier: hands the context to a child process and reads it there.
///
/// Any propagator works with it; W3C's headers become `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`. Values are opaque
/// here. Every program of the machine's user, and often others, can read them: nothing secret belongs into baggage.
/// Source: OpenTelemetry specification 1.60, "Environment Variables as Context Propagation Carriers".
public struct EnvironmentCarrier: Injector, KeyedExtractor {
    public typealias Carrier = [String: String]

    public init() {}

    public func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[Self.variable(for: key)] = value
    }

    public func extract(key: String, from carrier: [String: String]) -> String? {
        carrier[Self.variable(for: key)]
    }

    // "Keys MUST return only key names that are already normalized."
    public func forEachKey(in carrier: [String: String], _ body: (String) -> Void) {
        for name in carrier.keys where Self.isVariable(name) { body(name) }
    }

    /// The variable that carries the header `key`: upper-case ASCII, other characters `_`, never a leading
    /// digit.
    public static func variable(for key: String) -> String {
        // "Key normalization": `^[A-Z_][A-Z0-9_]*$`
        guard !isVariable(key) else { return key }
        var name: [UInt8] = []
        for scalar in key.unicodeScalars {
            switch scalar {
            case "a"..."z": name.append(UInt8(scalar.value) - 0x20)
            case "A"..."Z": name.append(UInt8(scalar.value))
            case "0"..."9":
                if name.isEmpty { name.append(UInt8(ascii: "_")) }
                name.append(UInt8(scalar.value))
            default: name.append(UInt8(ascii: "_"))
            }
        }
        return name.isEmpty ? "_" : String(decoding: name, as: UTF8.self)
    }

    /// Whether normalizing `name` leaves it as it is.
    private static func isVariable(_ name: String) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case 0x41...0x5a, 0x5f: break
            case 0x30...0x39 where !isFirst: break
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }
}

// MARK: - Child processes

extension EnvironmentCarrier {
    /// What to change in a child's environment so that it continues `context`: values to set, nil for variables of
    /// the same format that it must not inherit, since they would tell of another context.
    ///
    /// Nothing at all when there is no context to hand on: then the child inherits what this process was given.
    public static func changes(
        for context: ServiceContext?, by propagator: any TextMapPropagator = GlobalPropagator.current
    ) -> [String: String?] {
        var set: [String: String] = [:]
        if let context, !context.isEmpty {
            propagator.inject(context, into: &set, using: EnvironmentCarrier())
        }
        guard !set.isEmpty else { return [:] }
        // "If your carrier is reused, you should delete the fields here before calling Inject."
        var changes: [String: String?] = [:]
        for field in propagator.fields { changes[variable(for: field)] = .some(nil) }
        for (name, value) in set { changes[name] = value }
        return changes
    }
}

extension Dictionary<String, String> {
    /// This environment for a child process that continues `context`.
    ///
    /// ```swift
    /// process.environment = ProcessInfo.processInfo.environment.carrying(.current)
    /// ```
    public func carrying(
        _ context: ServiceContext?, by propagator: any TextMapPropagator = GlobalPropagator.current
    ) -> [String: String] {
        var environment = self
        for (name, value) in EnvironmentCarrier.changes(for: context, by: propagator) {
            environment[name] = value
        }
        return environment
    }
}

extension Dictionary where Key: RawRepresentable, Key.RawValue == String, Value == String? {
    /// What makes a child process continue the current context, as swift-subprocess takes it:
    ///
    /// ```swift
    /// try await run(
    ///     .name("tool"), environment: .inherit.updating(.currentTraceContext), output: .discarded)
    /// ```
    public static var currentTraceContext: Self { traceContext(of: .current) }

    /// What makes a child process continue `context`, as swift-subprocess takes it.
    public static func traceContext(
        of context: ServiceContext?, by propagator: any TextMapPropagator = GlobalPropagator.current
    ) -> Self {
        var changes: Self = [:]
        for (name, value) in EnvironmentCarrier.changes(for: context, by: propagator) {
            if let key = Key(rawValue: name) { changes.updateValue(value, forKey: key) }
        }
        return changes
    }
}

extension ServiceContext {
    /// The context that this process was started in, as `environment` has it; the empty one when there is none.
    ///
    /// Read it once, when the process starts: what changes in its environment later is not a caller's word.
    public static func handed(
        in environment: [String: String], by propagator: any TextMapPropagator = GlobalPropagator.current
    ) -> ServiceContext {
        var context = ServiceContext.topLevel
        propagator.extract(environment, into: &context, using: EnvironmentCarrier())
        return context
    }
}
