// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// Conditions that one single span of a trace must meet together. Nil and empty mean "any".
package struct TraceQuery: Hashable, Sendable {
    /// What an attribute must be (`key` anywhere among them).
    package struct AttributeCondition: Hashable, Sendable {
        /// As it is written between key and value.
        package enum Comparison: String, Sendable, CaseIterable {
            case equal = "="
            case less = "<"
            case atMost = "<="
            case greater = ">"
            case atLeast = ">="
        }

        /// Where the attribute stands; nil for the span (or the log record) or its resource. One of several events or
        /// links is enough.
        package var scope: AttributeScope?
        /// For some scopes also one of ``AttributeScope/OwnKey``.
        package var key: String
        package var comparison: Comparison
        /// For equality compared with the value's text form: strings as they are, numbers and booleans as JSON
        /// literals (`200`, `0.5`, `true`); a double also with any other literal of the same number (`3`,
        /// `3.0`). Bytes, arrays and maps never match. For the other comparisons a number: only integers and
        /// doubles match, whole numbers exactly; with a value that is no number nothing does.
        package var value: String

        package init(
            key: String, _ comparison: Comparison = .equal, value: String, in scope: AttributeScope? = nil
        ) {
            self.scope = scope
            self.key = key
            self.comparison = comparison
            self.value = value
        }
    }

    /// Traces in one answer when the question does not say.
    package static let limitDefault = 20
    /// A higher limit is refused by the API; stores give no more than this.
    package static let limitMax = 1_000

    package var service: String?
    package var operation: String?
    /// The span starts at or after this, nanoseconds since 1970 UTC.
    package var startTimeMin: UInt64?
    /// The span starts before or at this, nanoseconds since 1970 UTC.
    package var startTimeMax: UInt64?
    /// The span lasts at least this, nanoseconds.
    package var durationMin: UInt64?
    /// The span lasts at most this, nanoseconds.
    package var durationMax: UInt64?
    package var status: SpanStatus.Code?
    package var attributes: [AttributeCondition]
    package var limit: Int
    /// Where the page before ended; from ``TracePage/next``.
    package var cursor: String?

    package init(
        service: String? = nil, operation: String? = nil, startTimeMin: UInt64? = nil,
        startTimeMax: UInt64? = nil,
        durationMin: UInt64? = nil, durationMax: UInt64? = nil, status: SpanStatus.Code? = nil,
        attributes: [AttributeCondition] = [], limit: Int = limitDefault, cursor: String? = nil
    ) {
        self.service = service
        self.operation = operation
        self.startTimeMin = startTimeMin
        self.startTimeMax = startTimeMax
        self.durationMin = durationMin
        self.durationMax = durationMax
        self.status = status
        self.attributes = attributes
        self.limit = limit
        self.cursor = cursor
    }
}
