// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// Something that holds for a span that is about to start, or does not: what rules of ``ComposableRuleBasedSampler``
/// ask for.
public struct SpanCondition: Sendable, CustomStringConvertible {
    /// As it was written, for people to read.
    public let description: String
    private let test: @Sendable (SamplingIntentRequest) -> Bool

    /// A condition of your own. Asked when a span starts, so it has to be quick.
    public init(_ description: String, _ test: @escaping @Sendable (SamplingIntentRequest) -> Bool) {
        self.description = description
        self.test = test
    }

    /// Holds for every span.
    public static let everything = SpanCondition("everything") { _ in true }
    /// Holds for spans without parent.
    public static let isRoot = SpanCondition("root") { $0.parent == nil }
    /// Holds for children of a span of another process.
    public static let parentIsRemote = SpanCondition("remote parent") { $0.parent?.isRemote == true }

    /// Holds for spans of this name, or whose name fits the pattern.
    public init(name: NamePattern) {
        self.init("name \(name)") { name.matches($0.name) }
    }

    /// Holds for server spans of this route, or whose route fits the pattern; a slash at the end makes no difference.
    ///
    /// The route is `http.route`; else, in a name such as `GET /health`, what stands behind the method; else
    /// `url.path`: whatever is known when the span starts.
    public init(route: NamePattern) {
        self.init("route \(route)") { request in
            guard request.kind == .server, let known = request.route else { return false }
            return route.matches(known) || route.matches(known.withoutLastSlash)
                || !known.hasSuffix("/") && route.matches(known + "/")
        }
    }

    /// Holds for spans of this kind.
    public init(kind: SpanKind) {
        self.init("kind \(kind)") { $0.kind == kind }
    }

    /// Holds for spans that start with this attribute, whatever its value.
    public init(attribute key: String) {
        self.init("attribute \(key)") { $0.attributes[key] != nil }
    }

    /// Holds for spans that start with this attribute and value.
    public init(attribute key: String, _ value: AttributeValue) {
        self.init("attribute \(key)=\(value)") { $0.attributes[key] == value }
    }

    /// Whether it holds.
    public func matches(_ request: SamplingIntentRequest) -> Bool { test(request) }

    /// Both hold.
    public static func && (left: SpanCondition, right: SpanCondition) -> SpanCondition {
        SpanCondition("(\(left) and \(right))") { left.matches($0) && right.matches($0) }
    }

    /// At least one holds.
    public static func || (left: SpanCondition, right: SpanCondition) -> SpanCondition {
        SpanCondition("(\(left) or \(right))") { left.matches($0) || right.matches($0) }
    }

    /// Does not hold.
    public static prefix func ! (condition: SpanCondition) -> SpanCondition {
        SpanCondition("not \(condition)") { !condition.matches($0) }
    }
}

extension SamplingIntentRequest {
    /// What is known of a server span's route when it starts.
    fileprivate var route: String? {
        if case .string(let route) = attributes["http.route"] { return route }
        // Semantic conventions 1.44, "HTTP spans", "Name": "HTTP span names SHOULD be `{method} {target}`". Spans of
        // swift-distributed-tracing have no attributes yet when they start.
        if let space = name.utf8.firstIndex(of: 0x20) {
            let target = name[space...].dropFirst()
            if target.hasPrefix("/") { return String(target) }
        }
        if case .string(let path) = attributes["url.path"] { return path }
        return nil
    }
}

extension String {
    fileprivate var withoutLastSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
