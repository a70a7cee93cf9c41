// SPDX-License-Identifier: Apache-2.0

/// A growing block of bytes that a writer fills from the front.
///
/// A plain value that the walkers hand to and fro, so that its pointers stay in registers; ``OTLPProtobuf``
/// and ``OTLPJSON`` make it and free it.
struct ByteSink {
    private(set) var start: UnsafeMutableRawPointer
    var cursor: UnsafeMutableRawPointer
    private var end: UnsafeMutableRawPointer
    /// Levels of messages that may still be opened; below, a value too deep for any reader is left out.
    var depthLeft = WireLimits.default.depth
    /// JSON with line breaks and two spaces for each level.
    let pretty: Bool
    var indentation = 0

    init(capacity: Int = 1024, pretty: Bool = false) {
        start = .allocate(byteCount: capacity, alignment: 16)
        cursor = start
        end = start + capacity
        self.pretty = pretty
    }

    func free() { start.deallocate() }

    var bytes: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: start, count: cursor - start)) }

    /// Makes sure that `count` more bytes can be written.
    @inline(__always)
    mutating func reserve(_ count: Int) {
        if end - cursor < count { grow(by: count) }
    }

    @inline(never)
    private mutating func grow(by count: Int) {
        let used = cursor - start
        let capacity = max((end - start) * 2, used + count)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: start, byteCount: used)
        start.deallocate()
        start = larger
        cursor = larger + used
        end = larger + capacity
    }

    @inline(__always)
    mutating func varint(_ value: UInt64) {
        reserve(ProtobufBytes.varintSizeMax)
        ProtobufBytes.putVarint(value, at: &cursor)
    }

    @inline(__always)
    mutating func tag(_ field: UInt32, _ type: WireType) {
        varint(UInt64(ProtobufBytes.tag(field, type)))
    }

    @inline(__always)
    mutating func byte(_ byte: UInt8) {
        reserve(1)
        ProtobufBytes.putByte(byte, at: &cursor)
    }

    @inline(__always)
    mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        ProtobufBytes.putBytes(bytes, at: &cursor)
    }

    @inline(__always)
    mutating func text(_ text: StaticString) {
        bytes(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func text(_ text: String) {
        reserve(text.utf8.count)
        ProtobufBytes.putUTF8(text, at: &cursor)
    }

    /// Bytes written so far, to be given to ``rewind(to:)``.
    var mark: Int { cursor - start }

    /// Takes back everything after `mark`.
    mutating func rewind(to mark: Int) { cursor = start + mark }

    // MARK: Messages of protobuf

    /// Where an open message began. Offsets, because the block may move while it grows.
    struct OpenMessage {
        var tagOffset: Int
        var bodyOffset: Int
        var lengthSize: Int
    }

    /// Writes a tag and leaves `lengthSize` bytes for the length that is not known yet.
    @inline(__always)
    mutating func open(_ field: UInt32, lengthSize: Int) -> OpenMessage {
        let tagOffset = cursor - start
        reserve(16)
        ProtobufBytes.putTag(field, .lengthDelimited, at: &cursor)
        cursor += lengthSize
        depthLeft -= 1
        return OpenMessage(tagOffset: tagOffset, bodyOffset: cursor - start, lengthSize: lengthSize)
    }

    /// Writes the length; an empty message is taken back unless `keepEmpty`.
    @inline(__always)
    mutating func close(_ message: OpenMessage, keepEmpty: Bool) {
        depthLeft += 1
        let count = cursor - start - message.bodyOffset
        if count == 0, !keepEmpty {
            cursor = start + message.tagOffset
            return
        }
        let size = ProtobufBytes.varintSize(UInt64(count))
        if size != message.lengthSize { moveBody(of: message, count: count, lengthSize: size) }
        var length = start + (message.bodyOffset - message.lengthSize)
        ProtobufBytes.putVarint(UInt64(count), at: &length)
    }

    @inline(never)
    private mutating func moveBody(of message: OpenMessage, count: Int, lengthSize: Int) {
        let shift = lengthSize - message.lengthSize
        reserve(max(shift, 0))
        let body = start + message.bodyOffset
        (body + shift).copyMemory(from: body, byteCount: count)
        cursor += shift
    }
}
