// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The spans of one request, ready to be kept: rows by trace, records, and the tokens of the attributes.
///
/// It is written to the journal as it is, answers questions from memory until it becomes part of a block,
/// and never changes.
struct Segment: Sendable {
    var table = SpanTable()
    /// What the rows' ``SpanRow/operation`` points to.
    private(set) var operations: [OperationKey] = []
    /// What the rows' ``SpanRow/origin`` points to.
    var origins = OriginTable()
    var records: [UInt8] = []
    /// ``AttributeToken``s of the spans' attributes, repeated ones included. Not written: made again from
    /// the records.
    var tokens: [UInt64] = []

    var spanCount: Int { table.rows.count }

    /// Bytes that one request may take in the store, see ``storedByteCount``: twice the largest request that
    /// is received. A greater one is refused as ``StorageError/tooLarge(limit:)``. SQLite keeps no value
    /// above 10^9 bytes; with this limit no blob comes near.
    static let bytesMax = 128 << 20

    /// Bytes of the operations' names.
    private var operationByteCount = 0

    /// Records, resources, scopes and names: what the segment weighs in memory and in the journal.
    var byteCount: Int { records.count + origins.byteCount + operationByteCount }

    /// At most what the segment takes in blocks: each may need all resources and scopes again.
    var storedByteCount: Int {
        let cuts = spanCount / BlockBuilder.spansPerBlock + byteCount / BlockBuilder.bytesPerBlock
        return byteCount + cuts * origins.byteCount
    }

    /// The number of the new operation.
    mutating func add(_ operation: OperationKey) -> UInt32 {
        operationByteCount += operation.service.text.utf8.count + operation.name.text.utf8.count
        operations.append(operation)
        return UInt32(truncatingIfNeeded: operations.count - 1)
    }

    /// The row of the journal.
    var bytes: [UInt8] {
        var out = ByteWriter()
        out.reserve(byteCount + table.rows.count * 32 + 1_024)
        out.varint(operations.count)
        for operation in operations {
            out.text(operation.service.text)
            out.text(operation.name.text)
            out.varint(UInt64(operation.kind.rawValue))
        }
        origins.write(to: &out)
        table.write(to: &out)
        out.raw(records)
        return out.bytes
    }

    init() {}

    /// Reads a row of the journal.
    init(bytes: [UInt8]) throws(StorageError) {
        var input = ByteReader(bytes)
        for _ in 0..<(try input.count()) {
            let service = ExactText(try input.text())
            let name = ExactText(try input.text())
            guard let kind = SpanKind(rawValue: Int32(try input.byte())) else {
                throw .damaged("an unknown span kind")
            }
            _ = add(OperationKey(service: service, name: name, kind: kind))
        }
        origins = try OriginTable(from: &input)
        table = try SpanTable(from: &input)
        records = Array(bytes[input.offset...])
        guard (table.rows.last.map { $0.recordOffset + $0.recordLength } ?? 0) == records.count,
            table.rows.allSatisfy({
                Int($0.operation) < operations.count && Int($0.origin) < origins.origins.count
            })
        else { throw .damaged("a journal row does not fit together") }
        for row in table.rows {
            var record = record(of: row)
            tokens += try record.attributes().compactMap {
                AttributeToken.token(key: $0.key, value: $0.value)
            }
        }
    }

    /// A reader that stands at the record of a row.
    func record(of row: SpanRow) -> ByteReader {
        ByteReader(records, from: row.recordOffset, to: row.recordOffset + row.recordLength)
    }
}
