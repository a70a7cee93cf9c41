// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The log records of one request, ready to be kept.
///
/// It is written to the journal as it is, answers questions from memory until it becomes part of a block,
/// and never changes.
struct LogSegment: Sendable {
    /// Bytes that one request may take in the store: twice the largest request that is received. A greater
    /// one is refused as ``StorageError/tooLarge(limit:)``. SQLite keeps no value above 10^9 bytes.
    static let bytesMax = 128 << 20

    private(set) var table = LogTable()
    /// The bytes of the records, in the order in which they came.
    private(set) var records: [UInt8] = []
    /// ``LogToken``s of the records' attributes, repeated ones included. Not written: made again.
    private(set) var attributeTokens: [UInt64] = []
    /// Of all bodies. Not written: made again.
    private(set) var trigrams = Trigrams()

    var recordCount: Int { table.rows.count }
    /// In the store, before they are compressed.
    var byteCount: Int { records.count + table.origins.reduce(0) { $0 + $1.bytes.count } }

    /// About what it takes in memory: an empty record has not one byte, but a row.
    var heldBytes: Int {
        records.count + recordCount * MemoryLayout<LogRow>.stride
            + attributeTokens.count * MemoryLayout<UInt64>.stride
            + trigrams.numbers.count * MemoryLayout<UInt16>.stride
            + table.origins.reduce(0) { $0 + $1.heldBytes }
    }

    init(_ batch: [ResourceLogs]) {
        var rows: [LogRow] = []
        rows.reserveCapacity(batch.reduce(0) { $0 + $1.scopeLogs.reduce(0) { $0 + $1.logRecords.count } })
        var origins: [LogOrigin] = []
        for resourceLogs in batch {
            for scopeLogs in resourceLogs.scopeLogs where !scopeLogs.logRecords.isEmpty {
                let origin = UInt32(truncatingIfNeeded: origins.count)
                origins.append(LogOrigin(resourceLogs.resource, scopeLogs.scope))
                for record in scopeLogs.logRecords {
                    let bytes = LogRow.recordBytes(of: record)
                    rows.append(
                        LogRow(
                            time: record.timeUnixNano, observedTime: record.observedTimeUnixNano,
                            severity: record.severity, origin: origin,
                            arrival: UInt32(truncatingIfNeeded: rows.count),
                            trace: record.traceID ?? .invalid, span: record.spanID ?? .invalid,
                            hasStringBody: record.hasStringBody, recordLength: bytes.count,
                            recordOffset: records.count))
                    records += bytes
                    index(record)
                }
            }
        }
        table = LogTable(origins: origins, rows: rows)
        trigrams.finish()
    }

    private mutating func index(_ record: LogRecord) {
        for attribute in record.attributes {
            if let token = LogToken.token(key: attribute.key, value: attribute.value) {
                attributeTokens.append(token)
            }
        }
        trigrams.add(record.bodyText)
    }

    /// The row of the journal.
    var bytes: [UInt8] {
        var out = ByteWriter()
        out.reserve(byteCount + table.rows.count * 24 + 1_024)
        table.write(to: &out)
        for row in table.rows { out.raw(record(of: row)) }
        return out.bytes
    }

    /// Reads a row of the journal.
    init(bytes: [UInt8]) throws(StorageError) {
        var input = ByteReader(bytes)
        table = try LogTable(from: &input)
        records = Array(bytes[input.offset...])
        guard (table.rows.last.map { $0.recordOffset + $0.recordLength } ?? 0) == records.count else {
            throw .damaged("a journal row does not fit together")
        }
        for row in table.rows { index(try row.record(from: Array(record(of: row)))) }
        trigrams.finish()
    }

    func record(of row: LogRow) -> ArraySlice<UInt8> {
        records[row.recordOffset..<row.recordOffset + row.recordLength]
    }
}

/// A segment with the number that its first record has in the store.
struct ActiveLogs: Sendable {
    let first: Int64
    let segment: LogSegment
}

extension LogRecord {
    var hasStringBody: Bool { if case .string = body { true } else { false } }
}
