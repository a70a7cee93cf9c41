// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

extension TraceQuery.AttributeCondition {
    /// Whether the resource itself meets it, for all that was sent with it.
    package func isMet(by resource: Resource) -> Bool {
        (scope == nil || scope == .resource) && isMet(by: resource.attributes)
    }

    /// Whether the instrumentation scope itself meets it.
    package func isMet(by instrumentation: InstrumentationScope) -> Bool {
        guard scope == .scope else { return false }
        return (key == AttributeScope.OwnKey.name && isMet(by: .string(instrumentation.name)))
            || (key == AttributeScope.OwnKey.version && isMet(by: .string(instrumentation.version)))
            || isMet(by: instrumentation.attributes)
    }

    /// Whether the span meets it, or one of its events or links.
    package func isMet(by span: SpanData) -> Bool {
        switch scope {
        case nil, .span: isMet(by: span.attributes)
        case .event: span.events.contains { isMet(by: $0) }
        case .link: span.links.contains { isMet(by: $0) }
        case .resource, .scope, .log: false
        }
    }

    /// Whether the record itself meets it.
    package func isMet(by record: LogRecord) -> Bool {
        (scope == nil || scope == .log) && isMet(by: record.attributes)
    }

    private func isMet(by event: SpanEvent) -> Bool {
        (key == AttributeScope.OwnKey.name && isMet(by: .string(event.name))) || isMet(by: event.attributes)
    }

    private func isMet(by link: SpanLink) -> Bool {
        linkTraceID == link.traceID || linkSpanID == link.spanID || isMet(by: link.attributes)
    }

    /// The trace that a link must lead to; nil when the condition does not say so.
    package var linkTraceID: TraceID? {
        guard scope == .link, key == AttributeScope.OwnKey.traceID, comparison == .equal else { return nil }
        return TraceID(hex: value)
    }

    /// The span that a link must lead to; nil when the condition does not say so.
    package var linkSpanID: SpanID? {
        guard scope == .link, key == AttributeScope.OwnKey.spanID, comparison == .equal else { return nil }
        return SpanID(hex: value)
    }

    /// Whether any attribute of this key has a value of this text. A key that stands twice matches with
    /// either value.
    private func isMet(by attributes: Attributes) -> Bool {
        attributes.contains { $0.key.hasSameBytes(as: key) && isMet(by: $0.value) }
    }

    private func isMet(by attribute: AttributeValue) -> Bool {
        guard comparison == .equal else {
            return switch attribute {
            case .int(let number): integers?.contains(number) ?? false
            case .double(let number): isMet(by: number)
            case .string, .bool, .bytes, .array, .map, .empty: false
            }
        }
        return switch attribute {
        case .string(let text): text.hasSameBytes(as: value)
        case .bool(let flag): value == (flag ? "true" : "false")
        case .int(let number): value == String(number)
        case .double(let number): isMet(by: number)
        case .bytes, .array, .map, .empty: false
        }
    }
}

extension TraceQuery.AttributeCondition {
    /// The condition that is written `key=value`, or with `<`, `<=`, `>`, `>=` and a number; nil for a text that
    /// is none. The first of these characters ends the key. A key that begins with an ``AttributeScope`` and a colon
    /// is asked for there alone.
    package init?(parsing text: String) {
        guard let sign = text.firstIndex(where: { "=<>".contains($0) }), sign != text.startIndex else {
            return nil
        }
        let rest = text[sign...]
        let all = Comparison.allCases.filter { rest.hasPrefix($0.rawValue) }
        guard let comparison = all.max(by: { $0.rawValue.count < $1.rawValue.count }) else { return nil }
        var key = text[..<sign]
        var scope: AttributeScope?
        if let colon = key.firstIndex(of: ":"), let named = AttributeScope(rawValue: String(key[..<colon])) {
            scope = named
            key = key[colon...].dropFirst()
        }
        guard !key.isEmpty else { return nil }
        self.init(
            key: String(key), comparison, value: String(rest.dropFirst(comparison.rawValue.count)), in: scope)
        guard comparison == .equal || Double(value).map({ !$0.isNaN }) ?? false else { return nil }
    }

    /// Whether a double meets the condition.
    package func isMet(by number: Double) -> Bool {
        guard let bound = Double(value) else { return false }
        return switch comparison {
        case .equal: number == bound || (number.isNaN && bound.isNaN)
        case .less: number < bound
        case .atMost: number <= bound
        case .greater: number > bound
        case .atLeast: number >= bound
        }
    }

    /// The integers that meet the condition; nil when none does.
    package var integers: ClosedRange<Int64>? {
        if comparison == .equal {
            guard let number = Int64(value), String(number) == value else { return nil }
            return number...number
        }
        // Not by way of doubles where the value is whole: they have 53 bits.
        if let bound = Int64(value) { return integers(floor: bound, ceiling: bound) }
        guard let bound = Double(value), !bound.isNaN else { return nil }
        guard let floor = Int64(exactly: bound.rounded(.down)),
            let ceiling = Int64(exactly: bound.rounded(.up))
        else {
            // Beyond all integers on one side.
            let asksForLess = comparison == .less || comparison == .atMost
            return (bound > 0) == asksForLess ? .min ... .max : nil
        }
        return integers(floor: floor, ceiling: ceiling)
    }

    /// The bound is a number between the two.
    private func integers(floor: Int64, ceiling: Int64) -> ClosedRange<Int64>? {
        switch comparison {
        case .equal: floor == ceiling ? floor...floor : nil
        case .less: ceiling == .min ? nil : .min...ceiling - 1
        case .atMost: .min...floor
        case .greater: floor == .max ? nil : floor + 1 ... .max
        case .atLeast: ceiling ... .max
        }
    }
}

extension String {
    /// Equality by bytes. `==` also holds for canonically equivalent texts.
    fileprivate func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
