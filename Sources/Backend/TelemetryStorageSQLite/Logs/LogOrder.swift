// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// The place of a record in the order of answers: by time, then by the order in which they were written.
struct LogOrder: Comparable, Sendable {
    var time: UInt64
    /// Number of the record in the store.
    var number: Int64

    static func < (left: LogOrder, right: LogOrder) -> Bool {
        (left.time, left.number) < (right.time, right.number)
    }
}

extension LogOrder {
    var cursor: String { "\(time)-\(number)" }

    init(cursor: String) throws(StorageError) {
        let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = UInt64(parts[0]), let number = Int64(parts[1]) else {
            throw .badCursor
        }
        self.init(time: time, number: number)
    }
}
