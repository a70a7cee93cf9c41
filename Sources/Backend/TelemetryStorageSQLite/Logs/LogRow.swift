// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import TelemetryStorage

/// What questions ask of a log record before they look at its text and attributes.
struct LogRow: Sendable {
    /// `time_unix_nano` as sent.
    var time: UInt64
    /// `observed_time_unix_nano` as sent.
    var observedTime: UInt64
    var severity: LogSeverity
    /// Index of its resource and scope.
    var origin: UInt32
    /// Which one of the block's or request's records it was when they came, from 0.
    var arrival: UInt32
    /// Invalid for none.
    var trace: TraceID
    /// Invalid for none.
    var span: SpanID
    /// Then the text stands in the record's bytes as it is.
    var hasStringBody: Bool
    /// Bytes of the record: the message `LogRecord` without what stands in this row.
    var recordLength: Int
    /// Where they begin among the bytes of all records. Not written: the sum of the lengths before.
    var recordOffset = 0

    /// As ``LogRecord/effectiveTimeUnixNano``.
    var effectiveTime: UInt64 { time == 0 ? observedTime : time }

    /// Bytes of the record without what the row has.
    static func recordBytes(of record: LogRecord) -> [UInt8] {
        var rest = record
        rest.timeUnixNano = 0
        rest.observedTimeUnixNano = 0
        rest.severity = .unspecified
        rest.traceID = nil
        rest.spanID = nil
        return OTLPProtobuf.encode(rest)
    }

    /// The record as it was sent.
    func record(from bytes: [UInt8]) throws(StorageError) -> LogRecord {
        var record: LogRecord
        do throws(WireError) {
            record = try OTLPProtobuf.decode(LogRecord.self, from: bytes, limits: .stored)
        } catch {
            throw .damaged("a log record: \(error)")
        }
        record.timeUnixNano = time
        record.observedTimeUnixNano = observedTime
        record.severity = severity
        record.traceID = trace.isValid ? trace : nil
        record.spanID = span.isValid ? span : nil
        return record
    }
}

/// The resource and the scope of records.
struct LogOrigin: Sendable {
    /// The message `ResourceLogs` with one scope and no records. Two origins are the same when these are:
    /// strings that only look alike are not.
    let bytes: [UInt8]
    let resource: Resource
    let scope: InstrumentationScope

    /// About what it takes in memory: as bytes, and as values.
    var heldBytes: Int { MemoryLayout<LogOrigin>.stride + 4 * bytes.count }

    var service: String { resource.serviceName ?? Resource.unknownServiceName }

    init(_ resource: Resource, _ scope: InstrumentationScope) {
        self.resource = resource
        self.scope = scope
        bytes = OTLPProtobuf.encode(
            ResourceLogs(resource: resource, scopeLogs: [ScopeLogs(scope: scope, logRecords: [])]))
    }

    init(bytes: [UInt8]) throws(StorageError) {
        do throws(WireError) {
            let logs = try OTLPProtobuf.decode(ResourceLogs.self, from: bytes, limits: .stored)
            resource = logs.resource
            scope = logs.scopeLogs.first?.scope ?? InstrumentationScope(name: "")
        } catch {
            throw .damaged("a resource of logs: \(error)")
        }
        self.bytes = bytes
    }
}

extension WireLimits {
    /// For what was received within the limits once already.
    static var stored: WireLimits {
        var limits = WireLimits()
        limits.messageBytes = .max
        limits.decodedBytes = .max
        return limits
    }
}
