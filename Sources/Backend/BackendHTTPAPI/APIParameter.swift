// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel
internal import TelemetryStorage

/// One parameter as data: reading it, its errors and its lines in the OpenAPI document come from here.
struct APIParameter: Sendable {
    enum Place: String, Sendable {
        case path
        case query
    }

    enum Kind: Sendable {
        case text
        case traceID
        case spanID
        /// Nanoseconds, written with a unit.
        case duration
        /// Nanoseconds since 1970 UTC, written as RFC 3339 or as that number.
        case time
        case count(ClosedRange<Int>)
        case status
        /// The least severity of a log record, by its name.
        case severity
        /// `key=value`, or `<`, `<=`, `>`, `>=` and a number; before the key perhaps one of the scopes.
        case attribute(scopes: [AttributeScope])
        case attributeScope
    }

    enum Value: Sendable {
        case text(String)
        case traceID(TraceID)
        case spanID(SpanID)
        case nanoseconds(UInt64)
        case count(Int)
        case status(SpanStatus.Code)
        case severity(LogSeverity)
        case attribute(TraceQuery.AttributeCondition)
        case attributeScope(AttributeScope)
    }

    let name: String
    let place: Place
    let kind: Kind
    /// May stand more than once; every one must hold.
    let isRepeatable: Bool
    let help: String
    let example: String

    init(
        _ name: String, in place: Place = .query, _ kind: Kind, isRepeatable: Bool = false, help: String,
        example: String
    ) {
        self.name = name
        self.place = place
        self.kind = kind
        self.isRepeatable = isRepeatable
        self.help = help
        self.example = example
    }

    func value(of text: String) throws(APIError) -> Value {
        switch kind {
        case .text: return .text(text)
        case .traceID:
            guard let id = TraceID(hex: text), id.isValid else {
                throw refusal(of: text, "is not a trace id; it has 32 hexadecimal digits, not all zero")
            }
            return .traceID(id)
        case .spanID:
            guard let id = SpanID(hex: text), id.isValid else {
                throw refusal(of: text, "is not a span id; it has 16 hexadecimal digits, not all zero")
            }
            return .spanID(id)
        case .severity:
            guard let severity = LogSeverity(name: text) else {
                throw refusal(
                    of: text, "is not a severity; write trace, debug, info, warn, error or fatal")
            }
            return .severity(severity)
        case .duration:
            do {
                return .nanoseconds(try ParameterSyntax.duration(text))
            } catch {
                throw refusal(of: text, "\(error)")
            }
        case .time:
            do {
                return .nanoseconds(try ParameterSyntax.time(text))
            } catch {
                throw refusal(of: text, "\(error)")
            }
        case .count(let range):
            guard let count = Int(text), range.contains(count) else {
                throw refusal(
                    of: text, "is not a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return .count(count)
        case .status:
            guard let code = SpanStatus.Code.allCases.first(where: { $0.word == text }) else {
                throw refusal(of: text, "is not a status; write error, ok or unset")
            }
            return .status(code)
        case .attributeScope:
            guard let scope = AttributeScope.ofTraces.first(where: { $0.rawValue == text }) else {
                let words = AttributeScope.ofTraces.map(\.rawValue).joined(separator: ", ")
                throw refusal(of: text, "is not a scope; write one of \(words)")
            }
            return .attributeScope(scope)
        case .attribute(let scopes):
            do {
                return .attribute(try ParameterSyntax.attribute(text, scopes: scopes))
            } catch {
                throw refusal(of: text, "\(error)")
            }
        }
    }

    /// What was sent is shown back shortened: an error message is no place for a megabyte.
    func refusal(of text: String, _ reason: String) -> APIError {
        let shown = text.count > 80 ? text.prefix(80) + "…" : text[...]
        return APIError(.badParameter, "\(name): \"\(shown)\" \(reason)", parameter: name)
    }
}

extension SpanStatus.Code {
    var word: String {
        switch self {
        case .unset: "unset"
        case .ok: "ok"
        case .error: "error"
        }
    }
}

extension SpanKind {
    var word: String {
        switch self {
        case .unspecified: "unspecified"
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        }
    }
}
