// SPDX-License-Identifier: Apache-2.0

import Foundation
import TelemetryModel
import TelemetryStorage

/// Where a trace stands in an answer: latest start first, then greater id first.
struct TraceOrder: Hashable, Sendable {
    var start: UInt64
    var id: TraceID

    func comesBefore(_ other: TraceOrder) -> Bool {
        start != other.start ? start > other.start : id > other.id
    }
}

extension TraceOrder {
    /// First byte of a cursor, so that one of another time is refused and not misread.
    private static let cursorVersion: UInt8 = 1

    /// The end of a page as text: version, start and trace id in base64url without padding (RFC 4648,
    /// section 5).
    var cursor: String {
        var out = ByteWriter()
        out.byte(Self.cursorVersion)
        out.fixed64(start)
        out.fixed64(id.high)
        out.fixed64(id.low)
        return Data(out.bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    init(cursor: String) throws(StorageError) {
        let text = cursor.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text + padding), data.count == 25,
            data.first == Self.cursorVersion
        else { throw .badCursor }
        var input = ByteReader([UInt8](data.dropFirst()))
        start = try input.fixed64()
        id = TraceID(high: try input.fixed64(), low: try input.fixed64())
        // One text per place: other letters in the unused bits of the last character are refused.
        guard self.cursor == cursor else { throw .badCursor }
    }
}
