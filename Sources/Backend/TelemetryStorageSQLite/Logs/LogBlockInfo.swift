// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// What tells whether a block of logs is worth reading; of all blocks in memory.
struct LogBlockInfo: Sendable {
    var number: Int64
    /// Number of its first record in the store; the others follow in the order in which they came.
    var first: Int64
    var count: Int
    var timeMin: UInt64
    var timeMax: UInt64
    var severityMax: LogSeverity
    /// Distinct, in any order.
    var services: [ExactText]

    init(number: Int64, first: Int64, table: LogTable) {
        self.number = number
        self.first = first
        count = table.rows.count
        timeMin = table.timeMin
        timeMax = table.timeMax
        severityMax = table.rows.lazy.map(\.severity).max() ?? .unspecified
        services = Array(Set(table.origins.map { ExactText($0.service) }))
    }

    /// Numbers that a record may have, so that those after it have some too. What a damaged file has outside is set
    /// aside.
    static let firsts: Range<Int64> = 0..<1 << 62

    /// Everything but the number.
    var bytes: [UInt8] {
        var out = ByteWriter()
        out.varint(UInt64(bitPattern: first))
        out.varint(count)
        out.fixed64(timeMin)
        out.fixed64(timeMax)
        out.zigzag(Int64(severityMax.rawValue))
        out.varint(services.count)
        for service in services { out.text(service.text) }
        return Checksummed.sealed(out.bytes)
    }

    init(number: Int64, bytes: [UInt8]) throws(StorageError) {
        var input = ByteReader(bytes)
        self.number = number
        first = Int64(bitPattern: try input.varint())
        guard Self.firsts.contains(first) else { throw .damaged("the number of its first record") }
        count = Int(try input.varint32())
        timeMin = try input.fixed64()
        timeMax = try input.fixed64()
        severityMax = LogSeverity(rawValue: Int32(truncatingIfNeeded: try input.zigzag()))
        var services: [ExactText] = []
        for _ in 0..<(try input.count()) { services.append(ExactText(try input.text())) }
        self.services = services
        // Before schema 4 there was no checksum.
        guard input.remaining == 0 || Checksummed.opened(bytes)?.count == input.offset else {
            throw .damaged("the checksum of its info")
        }
    }

    /// Whether they say the same.
    func agrees(with other: LogBlockInfo) -> Bool {
        (first, count, timeMin, timeMax, severityMax)
            == (other.first, other.count, other.timeMin, other.timeMax, other.severityMax)
            && Set(services) == Set(other.services)
    }
}
