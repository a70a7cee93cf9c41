// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// What a client sends; on the wire the same as `LogsData`.
///
/// Source: OTLP 1.11.0, collector/logs/v1/logs_service.proto.
package struct ExportLogsServiceRequest: Hashable, Sendable {
    package var resourceLogs: [ResourceLogs]

    package init(resourceLogs: [ResourceLogs] = []) { self.resourceLogs = resourceLogs }
}

/// What a receiver answers.
package struct ExportLogsServiceResponse: Hashable, Sendable {
    /// Nil when everything was taken without remark.
    package var partialSuccess: ExportLogsPartialSuccess?

    package init(partialSuccess: ExportLogsPartialSuccess? = nil) { self.partialSuccess = partialSuccess }
}

/// What of a request was not taken; with zero records and a message it is a warning.
package struct ExportLogsPartialSuccess: Hashable, Sendable {
    package var rejectedLogRecords: Int64
    package var errorMessage: String

    package init(rejectedLogRecords: Int64 = 0, errorMessage: String = "") {
        self.rejectedLogRecords = rejectedLogRecords
        self.errorMessage = errorMessage
    }
}

extension ExportLogsServiceRequest: WireMessage {
    static var wireDefault: ExportLogsServiceRequest { ExportLogsServiceRequest() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.messages(1, "resourceLogs", \.resourceLogs)
    }
}

extension ExportLogsServiceResponse: WireMessage {
    static var wireDefault: ExportLogsServiceResponse { ExportLogsServiceResponse() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.optionalMessage(1, "partialSuccess", \.partialSuccess)
    }
}

extension ExportLogsPartialSuccess: WireMessage {
    static var wireDefault: ExportLogsPartialSuccess { ExportLogsPartialSuccess() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "rejectedLogRecords", \.rejectedLogRecords, Signed64.self)
        try walker.field(2, "errorMessage", \.errorMessage, Text.self)
    }
}

extension ExportLogsServiceRequest: OTLPMessage {
    package static let codec = MessageCodec(ExportLogsServiceRequest.self)
}
extension ExportLogsServiceResponse: OTLPMessage {
    package static let codec = MessageCodec(ExportLogsServiceResponse.self)
}
extension ResourceLogs: OTLPMessage { package static let codec = MessageCodec(ResourceLogs.self) }
extension ScopeLogs: OTLPMessage { package static let codec = MessageCodec(ScopeLogs.self) }
extension LogRecord: OTLPMessage { package static let codec = MessageCodec(LogRecord.self) }
