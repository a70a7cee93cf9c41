// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a machine leaves behind that stops in the middle of a write: the beginning of one more frame at the end of
/// SQLite's write-ahead log.
///
/// Source: SQLite, "Database File Format", 4.1: 32 bytes of header (page size at 8, salts at 16), then frames of 24
/// bytes (salts at 8) and a page each.
enum TornWrite {
    private static let headerBytes = 32
    private static let frameHeaderBytes = 24

    /// Appends half a frame to the log behind its last valid one; false when the log has none.
    static func tear(log: URL) throws -> Bool {
        guard var bytes = try? [UInt8](Data(contentsOf: log)), bytes.count > headerBytes else { return false }
        let page = Int(number(bytes, at: 8))
        let frame = frameHeaderBytes + page
        let salts = bytes[16..<24]
        var end = headerBytes
        while end + frame <= bytes.count, bytes[end + 8..<end + 16] == salts { end += frame }
        guard end > headerBytes else { return false }
        // As the frame before begins, so that it looks like one to whoever does not compute its checksum.
        let torn = Array(bytes[end - frame..<end - frame / 2])
        bytes.replaceSubrange(end..<min(end + torn.count, bytes.count), with: torn)
        try Data(bytes).write(to: log)
        return true
    }

    private static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
