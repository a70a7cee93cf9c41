// SPDX-License-Identifier: Apache-2.0

/// The borrowed bytes that a JSON reader stands in: a key has been read, its value comes next.
///
/// Source: RFC 8259. Safety: every load is preceded by a check of `cursor` against `end`.
struct JSONInput {
    private let base: UnsafeRawPointer
    var cursor: UnsafeRawPointer
    let end: UnsafeRawPointer
    /// The key whose value comes next, without its quotes; meaningless when ``hasKey`` is false.
    private var key: UnsafeRawBufferPointer
    /// A key written with escapes, which no known sender does; kept here only then.
    private var escapedKey: [UInt8]?
    /// False when the object has ended.
    private(set) var hasKey = false
    private var depthLeft: Int
    private var decodedBytesLeft: Int
    private let limits: WireLimits

    init(_ bytes: UnsafeRawBufferPointer, base: UnsafeRawPointer, limits: WireLimits) {
        self.base = base
        cursor = base
        end = base + bytes.count
        key = UnsafeRawBufferPointer(start: base, count: 0)
        depthLeft = limits.depth
        decodedBytesLeft = limits.decodedBytes
        self.limits = limits
    }

    var offset: Int { cursor - base }

    func error(_ reason: WireError.Reason) -> WireError {
        WireError(cursor < end ? reason : .truncated, offset: offset)
    }

    /// Counts `bytes` of decoded values.
    mutating func spend(_ bytes: Int) throws(WireError) {
        decodedBytesLeft -= bytes
        guard decodedBytesLeft >= 0 else { throw error(.decodedTooLarge(limit: limits.decodedBytes)) }
    }

    // MARK: Bytes

    /// The next byte that is not white space; nil at the end.
    @inline(__always)
    mutating func peek() -> UInt8? {
        while cursor < end {
            let byte = cursor.load(as: UInt8.self)
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            cursor += 1
        }
        return nil
    }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        cursor += 1
        return true
    }

    mutating func take(word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end - cursor >= count else { return false }
        for index in 0..<count
        where cursor.load(fromByteOffset: index, as: UInt8.self) != word.utf8Start[index] {
            return false
        }
        cursor += count
        return true
    }

    // MARK: Objects

    mutating func beginObject() throws(WireError) {
        guard take(UInt8(ascii: "{")) else { throw error(.expected(.object)) }
        try enter()
        if take(UInt8(ascii: "}")) {
            hasKey = false
        } else {
            try readKey()
        }
    }

    /// Steps behind the value of a key, to the next key or the end of the object.
    mutating func nextKey() throws(WireError) {
        if take(UInt8(ascii: ",")) {
            try readKey()
        } else if take(UInt8(ascii: "}")) {
            hasKey = false
        } else {
            throw error(.expected(.commaOrBrace))
        }
    }

    /// To be called once ``hasKey`` is false.
    mutating func endObject() { depthLeft += 1 }

    private mutating func readKey() throws(WireError) {
        guard peek() == UInt8(ascii: "\"") else { throw error(.expected(.key)) }
        let (bytes, hasEscapes) = try rawString()
        key = bytes
        escapedKey = hasEscapes ? try unescaped(bytes) : nil
        guard take(UInt8(ascii: ":")) else { throw error(.expected(.colon)) }
        hasKey = true
        _ = peek()
    }

    @inline(__always)
    func isAt(_ name: StaticString) -> Bool {
        guard hasKey else { return false }
        if let escapedKey { return escapedKey.withUnsafeBytes { Self.equal($0, name) } }
        return Self.equal(key, name)
    }

    @inline(__always)
    private static func equal(_ key: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        guard key.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<key.count where key[index] != name.utf8Start[index] { return false }
        return true
    }

    private mutating func enter() throws(WireError) {
        guard depthLeft > 0 else { throw error(.tooDeep(limit: limits.depth)) }
        depthLeft -= 1
    }

    // MARK: Arrays

    mutating func beginArray() throws(WireError) {
        guard take(UInt8(ascii: "[")) else { throw error(.expected(.array)) }
    }

    /// Steps to the next element; false at the end of the array, which is then behind.
    mutating func nextElement(isFirst: Bool) throws(WireError) -> Bool {
        if take(UInt8(ascii: "]")) { return false }
        if !isFirst {
            guard take(UInt8(ascii: ",")) else { throw error(.expected(.commaOrBracket)) }
        }
        _ = peek()
        return true
    }

    // MARK: Values

    /// True when the value is null, which is then behind.
    @inline(__always)
    mutating func skipNull() throws(WireError) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        guard take(word: "null") else { throw error(.expected(.value)) }
        return true
    }

    mutating func bool() throws(WireError) -> Bool {
        _ = peek()
        if take(word: "true") { return true }
        if take(word: "false") { return false }
        throw error(.expected(.bool))
    }

    /// Steps over any value, checking that it is one.
    mutating func skipValue() throws(WireError) {
        switch peek() {
        case UInt8(ascii: "{"):
            // The key that stands before this value is of no more use.
            try beginObject()
            while hasKey {
                try skipValue()
                try nextKey()
            }
            endObject()
            hasKey = true
        case UInt8(ascii: "["):
            cursor += 1
            try enter()
            var isFirst = true
            while try nextElement(isFirst: isFirst) {
                isFirst = false
                try skipValue()
            }
            depthLeft += 1
        case UInt8(ascii: "\""):
            let (bytes, hasEscapes) = try rawString()
            if hasEscapes { _ = try unescaped(bytes) }
        case UInt8(ascii: "n"): _ = try skipNull()
        case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
        case nil: throw error(.truncated)
        default: _ = try numberToken()
        }
    }

    /// To be called behind the outermost value.
    mutating func finish() throws(WireError) {
        if peek() != nil { throw error(.trailingBytes) }
    }
}
