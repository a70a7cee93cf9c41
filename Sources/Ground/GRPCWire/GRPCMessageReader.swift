// SPDX-License-Identifier: Apache-2.0

/// Finds the messages in the data of a stream, however it is cut into pieces, without copying it.
///
/// It says which bytes of a piece belong to which message; whoever has the piece takes them.
package struct GRPCMessageReader: Sendable {
    package enum Problem: Error, Hashable {
        /// A message of more bytes than are taken.
        case tooLong(UInt32)
        /// A compressed flag that is neither 0 nor 1.
        case unknownFlag(UInt8)
    }

    /// The part of one message that is in a piece of data.
    package struct Part: Hashable, Sendable {
        /// Of the message.
        package let prefix: GRPCMessagePrefix
        /// Where in the piece, counted from its first byte. May be empty.
        package let range: Range<Int>
        /// Whether nothing of this message has been told before.
        package let isFirst: Bool
        /// Whether the message ends with it.
        package let isLast: Bool
    }

    /// Bytes of a message, as it is sent.
    package let bytesMax: Int
    private var header: UInt64 = 0
    private var headerCount = 0
    private var current: (prefix: GRPCMessagePrefix, left: Int)?

    package init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Whether the data may end here.
    package var isBetweenMessages: Bool { current == nil && headerCount == 0 }

    /// Reads on in `piece` from `offset` and moves that behind what was read. To be called with the same piece until it
    /// returns nil, which means that there is nothing left; after an error no more.
    package mutating func next(
        in piece: UnsafeRawBufferPointer, from offset: inout Int
    ) throws(Problem) -> Part? {
        var isFirst = false
        if current == nil {
            while headerCount < GRPCMessagePrefix.count, offset < piece.count {
                header = header << 8 | UInt64(piece[offset])
                headerCount += 1
                offset += 1
            }
            guard headerCount == GRPCMessagePrefix.count else { return nil }
            let flag = UInt8(truncatingIfNeeded: header >> 32)
            let length = UInt32(truncatingIfNeeded: header)
            guard flag <= 1 else { throw .unknownFlag(flag) }
            guard Int(length) <= bytesMax else { throw .tooLong(length) }
            current = (GRPCMessagePrefix(isCompressed: flag == 1, length: length), Int(length))
            isFirst = true
            header = 0
            headerCount = 0
        }
        guard let (prefix, left) = current else { return nil }
        let count = min(left, piece.count - offset)
        guard isFirst || count > 0 else { return nil }
        let range = offset..<offset + count
        offset += count
        let isLast = count == left
        current = isLast ? nil : (prefix, left - count)
        return Part(prefix: prefix, range: range, isFirst: isFirst, isLast: isLast)
    }
}
