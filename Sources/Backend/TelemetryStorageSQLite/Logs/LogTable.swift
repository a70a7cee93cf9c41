// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Rows with their origins, by ``LogRow/effectiveTime`` and arrival: of one request, or of one block.
struct LogTable: Sendable {
    var origins: [LogOrigin] = []
    private(set) var rows: [LogRow] = []

    /// Bytes that all records of a table may claim to have.
    private static let recordBytesMax = 1 << 30

    init() {}

    /// `rows` in any order.
    init(origins: [LogOrigin], rows: [LogRow]) {
        self.origins = origins
        self.rows = rows
        let isInOrder = zip(rows, rows.dropFirst()).allSatisfy { !Self.isOrdered($1, $0) }
        if !isInOrder { self.rows.sort(by: Self.isOrdered) }
    }

    private static func isOrdered(_ left: LogRow, _ right: LogRow) -> Bool {
        (left.effectiveTime, left.arrival) < (right.effectiveTime, right.arrival)
    }

    var timeMin: UInt64 { rows.first?.effectiveTime ?? 0 }
    var timeMax: UInt64 { rows.last?.effectiveTime ?? 0 }

    /// Column by column: values of one kind compress better beside each other.
    func write(to out: inout ByteWriter) {
        out.varint(origins.count)
        for origin in origins { out.data(origin.bytes) }
        out.varint(rows.count)
        var time: UInt64 = 0
        for row in rows {
            out.varint(row.effectiveTime &- time)
            time = row.effectiveTime
        }
        for row in rows { out.byte(Self.marks(of: row)) }
        for row in rows where row.time != 0 && row.observedTime != 0 {
            out.zigzag(Int64(bitPattern: row.observedTime &- row.time))
        }
        for row in rows { out.zigzag(Int64(row.severity.rawValue)) }
        for row in rows { out.varint(row.origin) }
        var arrival: Int64 = 0
        for row in rows {
            out.zigzag(Int64(row.arrival) - arrival)
            arrival = Int64(row.arrival)
        }
        for row in rows { out.varint(row.recordLength) }
        var traces: [TraceID: Int] = [:]
        for row in rows where row.trace.isValid {
            let known = traces[row.trace]
            out.varint(known ?? traces.count)
            guard known == nil else { continue }
            traces[row.trace] = traces.count
            out.fixed64(row.trace.high)
            out.fixed64(row.trace.low)
        }
        var spans: [SpanID: Int] = [:]
        for row in rows where row.span.isValid {
            let known = spans[row.span]
            out.varint(known ?? spans.count)
            guard known == nil else { continue }
            spans[row.span] = spans.count
            out.fixed64(row.span.value)
        }
    }

    init(from input: inout ByteReader) throws(StorageError) {
        for _ in 0..<(try input.count()) { origins.append(try LogOrigin(bytes: try input.data())) }
        let count = try input.count()
        rows.reserveCapacity(count)
        var time: UInt64 = 0
        for _ in 0..<count {
            time &+= try input.varint()
            rows.append(
                LogRow(
                    time: time, observedTime: 0, severity: .unspecified, origin: 0, arrival: 0,
                    trace: .invalid, span: .invalid, hasStringBody: false, recordLength: 0))
        }
        var marks: [UInt8] = []
        marks.reserveCapacity(count)
        for _ in 0..<count { marks.append(try input.byte()) }
        for index in rows.indices {
            rows[index].hasStringBody = marks[index] & Mark.stringBody != 0
            switch marks[index] & (Mark.time | Mark.observedTime) {
            case Mark.time: break
            case Mark.observedTime:
                rows[index].observedTime = rows[index].time
                rows[index].time = 0
            case 0: rows[index].time = 0
            default:
                rows[index].observedTime = rows[index].time &+ UInt64(bitPattern: try input.zigzag())
            }
        }
        for index in rows.indices {
            rows[index].severity = LogSeverity(rawValue: Int32(truncatingIfNeeded: try input.zigzag()))
        }
        for index in rows.indices {
            rows[index].origin = try input.varint32()
            guard rows[index].origin < origins.count else {
                throw .damaged("a log record without a resource")
            }
        }
        var arrival: Int64 = 0
        for index in rows.indices {
            arrival &+= try input.zigzag()
            rows[index].arrival = UInt32(truncatingIfNeeded: arrival)
        }
        var offset = 0
        for index in rows.indices {
            let length = try input.varint()
            guard length <= Self.recordBytesMax - offset else { throw .damaged("the length of a log record") }
            rows[index].recordLength = Int(length)
            rows[index].recordOffset = offset
            offset += Int(length)
        }
        try readIDs(marks, from: &input)
    }

    private mutating func readIDs(_ marks: [UInt8], from input: inout ByteReader) throws(StorageError) {
        var traces: [TraceID] = []
        for index in rows.indices where marks[index] & Mark.trace != 0 {
            let number = try input.varint()
            guard number <= traces.count else { throw .damaged("the trace of a log record") }
            if number == traces.count {
                traces.append(TraceID(high: try input.fixed64(), low: try input.fixed64()))
            }
            rows[index].trace = traces[Int(number)]
        }
        var spans: [SpanID] = []
        for index in rows.indices where marks[index] & Mark.span != 0 {
            let number = try input.varint()
            guard number <= spans.count else { throw .damaged("the span of a log record") }
            if number == spans.count { spans.append(SpanID(value: try input.fixed64())) }
            rows[index].span = spans[Int(number)]
        }
    }

    /// Bits of a row's byte. Kept in files: never change them.
    private enum Mark {
        static let time: UInt8 = 1
        static let observedTime: UInt8 = 2
        static let trace: UInt8 = 4
        static let span: UInt8 = 8
        static let stringBody: UInt8 = 16
    }

    private static func marks(of row: LogRow) -> UInt8 {
        (row.time != 0 ? Mark.time : 0) | (row.observedTime != 0 ? Mark.observedTime : 0)
            | (row.trace.isValid ? Mark.trace : 0) | (row.span.isValid ? Mark.span : 0)
            | (row.hasStringBody ? Mark.stringBody : 0)
    }
}
