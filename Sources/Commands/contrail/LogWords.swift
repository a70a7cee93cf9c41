// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel
internal import TelemetryStorage

/// What is shown of a log record on one line.
enum LogWords {
    /// The body; for an event without one its name and its attributes.
    static func of(_ record: LogRecord) -> String {
        let body = record.bodyText
        guard body.isEmpty else { return record.eventName.isEmpty ? body : "\(record.eventName): \(body)" }
        let attributes = record.attributes.isEmpty ? "" : LogRecord(body: .map(record.attributes)).bodyText
        return [record.eventName, attributes].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
