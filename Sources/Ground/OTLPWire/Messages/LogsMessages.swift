// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

// OTLP 1.11.0, logs/v1/logs.proto.

extension ResourceLogs: WireMessage {
    static var wireDefault: ResourceLogs { ResourceLogs(resource: .wireDefault, scopeLogs: []) }
    static var lengthSizeHint: Int { 3 }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.message(1, "resource", \.resource)
        try walker.messages(2, "scopeLogs", \.scopeLogs)
        try walker.field(3, "schemaUrl", \.resource.schemaURL, Text.self)
    }
}

extension ScopeLogs: WireMessage {
    static var wireDefault: ScopeLogs { ScopeLogs(scope: .wireDefault, logRecords: []) }
    static var lengthSizeHint: Int { 3 }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.message(1, "scope", \.scope)
        try walker.messages(2, "logRecords", \.logRecords)
        try walker.field(3, "schemaUrl", \.scope.schemaURL, Text.self)
    }
}

/// Number 4 is reserved.
extension LogRecord: WireMessage {
    static var wireDefault: LogRecord { LogRecord() }
    static var lengthSizeHint: Int { 2 }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "timeUnixNano", \.timeUnixNano, Fixed64.self)
        try walker.field(2, "severityNumber", \.severity, SeverityNumber.self)
        try walker.field(3, "severityText", \.severityText, Text.self)
        try walker.message(5, "body", \.body)
        try walker.messages(6, "attributes", \.attributes.elements)
        try walker.field(7, "droppedAttributesCount", \.droppedAttributesCount, Varint32.self)
        try walker.field(8, "flags", \.flags, Fixed32.self)
        try walker.field(9, "traceId", \.traceID, OptionalTraceIdentifier.self)
        try walker.field(10, "spanId", \.spanID, ParentIdentifier.self)
        try walker.field(11, "observedTimeUnixNano", \.observedTimeUnixNano, Fixed64.self)
        try walker.field(12, "eventName", \.eventName, Text.self)
    }
}

/// The number is kept as it was sent, also one that this version does not know.
private enum SeverityNumber: FieldEncoding {
    static var wireType: WireType { .varint }
    static func isDefault(_ value: LogSeverity) -> Bool { value.rawValue == 0 }
    static func write(_ value: LogSeverity, to output: inout ByteSink) {
        Signed32.write(value.rawValue, to: &output)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> LogSeverity {
        LogSeverity(rawValue: try Signed32.read(from: &input))
    }

    static func writeJSON(_ value: LogSeverity, to output: inout ByteSink) {
        output.jsonInteger(value.rawValue)
    }

    // As for other enumerations, names are read although only numbers are allowed.
    static func readJSON(from input: inout JSONInput) throws(WireError) -> LogSeverity {
        let offset = input.offset
        guard input.isAtLetterString else { return LogSeverity(rawValue: try input.integer()) }
        let name = try input.string()
        let prefix = "SEVERITY_NUMBER_"
        if name == prefix + "UNSPECIFIED" { return .unspecified }
        guard name.hasPrefix(prefix), let value = LogSeverity(name: String(name.dropFirst(prefix.count)))
        else { throw WireError(.unknownEnumName, offset: offset) }
        return value
    }
}
