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
    var operations: [OperationKey] = []
    /// What the rows' ``SpanRow/envelope`` points to.
    var envelopes: [Envelope] = []
    var records: [UInt8] = []
    /// ``AttributeToken``s of the spans' attributes, repeated ones included. Not written: made again from
    /// the records.
    var tokens: [UInt64] = []

    var spanCount: Int { table.rows.count }

    /// The row of the journal.
    var bytes: [UInt8] {
        var out = ByteWriter()
        out.reserve(records.count + table.rows.count * 32 + 1_024)
        out.varint(operations.count)
        for operation in operations {
            out.text(operation.service.text)
            out.text(operation.name.text)
            out.varint(UInt64(operation.kind.rawValue))
        }
        out.varint(envelopes.count)
        for envelope in envelopes { envelope.write(to: &out) }
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
            operations.append(OperationKey(service: service, name: name, kind: kind))
        }
        for _ in 0..<(try input.count()) { envelopes.append(try Envelope(from: &input)) }
        table = try SpanTable(from: &input)
        records = Array(bytes[input.offset...])
        guard (table.rows.last.map { $0.recordOffset + $0.recordLength } ?? 0) == records.count,
            table.rows.allSatisfy({
                Int($0.operation) < operations.count && Int($0.envelope) < envelopes.count
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
