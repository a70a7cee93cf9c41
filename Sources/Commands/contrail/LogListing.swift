// SPDX-License-Identifier: Apache-2.0

internal import BackendHTTPAPI
internal import Foundation
internal import OTLPWire
internal import TelemetryModel

/// One log line of a search result.
struct LogListing {
    /// A page of the API's answer.
    struct Page {
        let logs: [LogListing]
        /// The same as JSON, one object each.
        let lines: [[UInt8]]
        let nextCursor: String?
    }

    /// Nanoseconds since 1970 UTC.
    let timeUnixNano: UInt64
    let service: String
    let severity: LogSeverity
    /// What is shown, see ``LogWords``.
    let words: String
    /// Nil outside of a trace.
    let traceID: String?
}

extension LogListing.Page {
    /// Nil for what contrail does not answer.
    init?(json: [UInt8]) {
        guard let root = try? JSONSerialization.jsonObject(with: Data(json)) as? [String: Any],
            let objects = root["logs"] as? [[String: Any]]
        else { return nil }
        nextCursor = root["nextCursor"] as? String
        var logs: [LogListing] = []
        var lines: [[UInt8]] = []
        for object in objects {
            guard let time = object["timeUnixNano"] as? String, let timeUnixNano = UInt64(time),
                let service = object["service"] as? String, let text = object["text"] as? String,
                let record = Self.message(LogRecord.self, object["record"]),
                let resource = Self.message(Resource.self, object["resource"]),
                let scope = Self.message(InstrumentationScope.self, object["scope"])
            else { return nil }
            let line: JSONValue = [
                "timeUnixNano": .string(time), "service": .string(service),
                "severity": record.severity.name.map { .string($0) } ?? .null, "text": .string(text),
                "traceId": record.traceID.map { .string($0.hex) } ?? .null,
                "spanId": record.spanID.map { .string($0.hex) } ?? .null,
                "resource": .json(OTLPJSON.encode(resource)), "scope": .json(OTLPJSON.encode(scope)),
                "record": .json(OTLPJSON.encode(record)),
            ]
            lines.append(line.bytes)
            logs.append(
                LogListing(
                    timeUnixNano: timeUnixNano, service: service, severity: record.severity,
                    words: LogWords.of(record), traceID: record.traceID?.hex))
        }
        self.logs = logs
        self.lines = lines
    }

    /// Read by the one reader that knows every form of OTLP/JSON.
    private static func message<Message: OTLPMessage>(_ type: Message.Type, _ object: Any?) -> Message? {
        guard let object = object as? [String: Any],
            let data = try? JSONSerialization.data(withJSONObject: object)
        else { return nil }
        return try? OTLPJSON.decode(type, from: [UInt8](data))
    }
}
