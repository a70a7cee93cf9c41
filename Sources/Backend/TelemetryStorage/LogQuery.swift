// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// Conditions that a log record must meet together. Nil and empty mean "any".
package struct LogQuery: Hashable, Sendable {
    /// Records in one answer when the question does not say.
    package static let limitDefault = 100
    /// A higher limit is refused by the API; stores give no more than this.
    package static let limitMax = 1_000

    package var traceID: TraceID?
    package var spanID: SpanID?
    /// Name of the resource's service, byte by byte; ``Resource/unknownServiceName`` for those without.
    package var service: String?
    /// At least this severity. Records of unknown severity (0) are below all others.
    package var severityMin: LogSeverity?
    /// The record's ``LogRecord/effectiveTimeUnixNano`` is this or later, nanoseconds since 1970 UTC.
    package var timeMin: UInt64?
    /// The record's ``LogRecord/effectiveTimeUnixNano`` is this or earlier, nanoseconds since 1970 UTC.
    package var timeMax: UInt64?
    /// Contained anywhere in ``LogRecord/bodyText``; ASCII letters in either case are the same.
    package var text: String?
    /// Each is met by an attribute of the record or of its resource.
    package var attributes: [TraceQuery.AttributeCondition]
    package var limit: Int
    /// Where the page before ended; from ``LogPage/next``.
    package var cursor: String?

    package init(
        traceID: TraceID? = nil, spanID: SpanID? = nil, service: String? = nil,
        severityMin: LogSeverity? = nil, timeMin: UInt64? = nil, timeMax: UInt64? = nil, text: String? = nil,
        attributes: [TraceQuery.AttributeCondition] = [], limit: Int = limitDefault, cursor: String? = nil
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.service = service
        self.severityMin = severityMin
        self.timeMin = timeMin
        self.timeMax = timeMax
        self.text = text
        self.attributes = attributes
        self.limit = limit
        self.cursor = cursor
    }
}
