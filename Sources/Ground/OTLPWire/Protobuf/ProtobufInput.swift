// SPDX-License-Identifier: Apache-2.0

/// The borrowed bytes that a protobuf reader stands in: a field's tag has been read, its value comes next.
///
/// Safety: `cursor` never passes `end`, and `end` never passes the end of the bytes; every load is preceded
/// by a check of one against the other.
struct ProtobufInput {
    private let base: UnsafeRawPointer
    private(set) var cursor: UnsafeRawPointer
    /// The end of the innermost open message.
    private var end: UnsafeRawPointer
    /// Tag of the field whose value comes next; 0, which no field has, at the end of the message.
    private(set) var tag: UInt32 = 0
    private var depthLeft: Int
    private var decodedBytesLeft: Int
    private let limits: WireLimits

    init(_ bytes: UnsafeRawBufferPointer, base: UnsafeRawPointer, limits: WireLimits) {
        self.base = base
        cursor = base
        end = base + bytes.count
        depthLeft = limits.depth
        decodedBytesLeft = limits.decodedBytes
        self.limits = limits
    }

    var offset: Int { cursor - base }

    @inline(__always)
    mutating func nextTag() throws(WireError) {
        guard cursor < end else {
            tag = 0
            return
        }
        let start = offset
        let value = try varint()
        // A field's number is 1 to 2^29 - 1.
        guard value >= 8, value <= UInt64(UInt32.max) else { throw WireError(.invalidTag, offset: start) }
        tag = UInt32(truncatingIfNeeded: value)
    }

    @inline(__always)
    mutating func varint() throws(WireError) -> UInt64 {
        guard let value = ProtobufBytes.varint(at: &cursor, end: end) else { throw varintError() }
        return value
    }

    @inline(never)
    private func varintError() -> WireError {
        WireError(end - cursor < ProtobufBytes.varintSizeMax ? .truncated : .varintTooLong, offset: offset)
    }

    @inline(__always)
    mutating func fixed64() throws(WireError) -> UInt64 {
        guard end - cursor >= 8 else { throw WireError(.truncated, offset: offset) }
        defer { cursor += 8 }
        return ProtobufBytes.fixed64(at: cursor)
    }

    @inline(__always)
    mutating func fixed32() throws(WireError) -> UInt32 {
        guard end - cursor >= 4 else { throw WireError(.truncated, offset: offset) }
        defer { cursor += 4 }
        return ProtobufBytes.fixed32(at: cursor)
    }

    /// The bytes of a length-delimited value.
    @inline(__always)
    mutating func lengthDelimited() throws(WireError) -> UnsafeRawBufferPointer {
        let start = offset
        let count = try varint()
        guard count <= UInt64(end - cursor) else { throw WireError(.truncated, offset: start) }
        let bytes = UnsafeRawBufferPointer(start: cursor, count: Int(count))
        cursor += Int(count)
        return bytes
    }

    /// Steps into a message; gives what ``leave(_:)`` wants back.
    @inline(__always)
    mutating func enter() throws(WireError) -> UnsafeRawPointer {
        let outerEnd = end
        let start = offset
        let count = try varint()
        guard count <= UInt64(end - cursor) else { throw WireError(.truncated, offset: start) }
        guard depthLeft > 0 else { throw WireError(.tooDeep(limit: limits.depth), offset: start) }
        depthLeft -= 1
        end = cursor + Int(count)
        return outerEnd
    }

    /// Steps out of a message that was read to its end, to the next field of the outer one.
    @inline(__always)
    mutating func leave(_ outerEnd: UnsafeRawPointer) throws(WireError) {
        end(outerEnd)
        try nextTag()
    }

    /// Steps out of a message that was read to its end, and no further.
    @inline(__always)
    mutating func end(_ outerEnd: UnsafeRawPointer) {
        end = outerEnd
        depthLeft += 1
    }

    /// Counts `bytes` of decoded values.
    @inline(__always)
    mutating func spend(_ bytes: Int) throws(WireError) {
        decodedBytesLeft -= bytes
        guard decodedBytesLeft >= 0 else {
            throw WireError(.decodedTooLarge(limit: limits.decodedBytes), offset: offset)
        }
    }

    /// How many values of the present field follow each other, this one included. Reads tags and lengths
    /// only.
    func countOfRun() -> Int {
        var position = cursor
        var count = 0
        while let length = ProtobufBytes.varint(at: &position, end: end), length <= UInt64(end - position) {
            position += Int(length)
            count += 1
            guard let next = ProtobufBytes.varint(at: &position, end: end), next == UInt64(tag) else { break }
        }
        return count
    }

    /// Steps over the value of a field that the message does not have.
    mutating func skip() throws(WireError) {
        // Iterative, so that nested groups cost no stack.
        var groups: [UInt32] = []
        repeat {
            let field = tag >> 3
            switch WireType(rawValue: UInt8(truncatingIfNeeded: tag & 7)) {
            case .varint: _ = try varint()
            case .fixed64: _ = try fixed64()
            case .fixed32: _ = try fixed32()
            case .lengthDelimited: _ = try lengthDelimited()
            case .startGroup:
                guard groups.count < limits.depth else {
                    throw WireError(.tooDeep(limit: limits.depth), offset: offset)
                }
                groups.append(field)
            case .endGroup:
                guard groups.popLast() == field else { throw WireError(.unmatchedGroup, offset: offset) }
            case nil: throw WireError(.invalidTag, offset: offset)
            }
            try nextTag()
            if tag == 0, !groups.isEmpty { throw WireError(.truncated, offset: offset) }
        } while !groups.isEmpty
    }
}
