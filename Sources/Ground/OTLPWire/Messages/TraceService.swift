// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// What a client sends; on the wire the same as `TracesData`.
///
/// Source: OTLP 1.11.0, collector/trace/v1/trace_service.proto.
package struct ExportTraceServiceRequest: Hashable, Sendable {
    package var resourceSpans: [ResourceSpans]

    package init(resourceSpans: [ResourceSpans] = []) { self.resourceSpans = resourceSpans }
}

/// What a receiver answers.
package struct ExportTraceServiceResponse: Hashable, Sendable {
    /// Nil when everything was taken without remark.
    package var partialSuccess: ExportTracePartialSuccess?

    package init(partialSuccess: ExportTracePartialSuccess? = nil) { self.partialSuccess = partialSuccess }
}

/// What of a request was not taken; with zero spans and a message it is a warning.
package struct ExportTracePartialSuccess: Hashable, Sendable {
    package var rejectedSpans: Int64
    package var errorMessage: String

    package init(rejectedSpans: Int64 = 0, errorMessage: String = "") {
        self.rejectedSpans = rejectedSpans
        self.errorMessage = errorMessage
    }
}

extension ExportTraceServiceRequest: WireMessage {
    static var wireDefault: ExportTraceServiceRequest { ExportTraceServiceRequest() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.messages(1, "resourceSpans", \.resourceSpans)
    }
}

extension ExportTraceServiceResponse: WireMessage {
    static var wireDefault: ExportTraceServiceResponse { ExportTraceServiceResponse() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.optionalMessage(1, "partialSuccess", \.partialSuccess)
    }
}

extension ExportTracePartialSuccess: WireMessage {
    static var wireDefault: ExportTracePartialSuccess { ExportTracePartialSuccess() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "rejectedSpans", \.rejectedSpans, Signed64.self)
        try walker.field(2, "errorMessage", \.errorMessage, Text.self)
    }
}
