// SPDX-License-Identifier: Apache-2.0

/// Distinct byte strings by number, in order of first appearance.
struct ByteDictionary: Sendable {
    private var bytes = GrownBuffer<UInt8>()
    /// Where each entry ends.
    private var ends = GrownBuffer<Int>()
    private var index = HashIndex()
    /// Many values are the same as the one before.
    private var last = -1

    var count: Int { ends.count }

    /// The entry's bytes, valid within `body`.
    @inline(__always)
    func withEntry<T>(_ number: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        body(bytes(of: number))
    }

    /// The entry's bytes, valid until the next is added.
    @inline(__always)
    private func bytes(of number: Int) -> UnsafeRawBufferPointer {
        bytes.slice(number == 0 ? 0 : ends[number &- 1], ends[number])
    }

    func entry(_ number: Int) -> [UInt8] { withEntry(number) { [UInt8]($0) } }

    func text(_ number: Int) -> String { withEntry(number) { String(decoding: $0, as: UTF8.self) } }

    /// The number of a byte string that is there.
    func number(of value: UnsafeRawBufferPointer) -> Int? { number(of: value, BlockHash.hash(value)) }

    @inline(__always)
    private func number(of value: UnsafeRawBufferPointer, _ hash: UInt64) -> Int? {
        index.find(hash) { sameBytes(bytes(of: $0), value) }
    }

    /// The number of any byte string.
    @inline(__always)
    mutating func add(bytes value: UnsafeRawBufferPointer) -> Int {
        if isLast(value) { return last }
        return find(value, areTexts: false)
    }

    /// The number of a text. Bytes that are not UTF-8 become what they are read as, so that a search for that
    /// finds them.
    @inline(__always)
    mutating func add(text value: UnsafeRawBufferPointer) -> Int {
        if isLast(value) { return last }
        return find(value, areTexts: true)
    }

    @inline(__always)
    private func isLast(_ value: UnsafeRawBufferPointer) -> Bool {
        last >= 0 && sameBytes(bytes(of: last), value)
    }

    @inline(never)
    private mutating func find(_ value: UnsafeRawBufferPointer, areTexts: Bool) -> Int {
        let hash = BlockHash.hash(value)
        if let known = number(of: value, hash) {
            last = known
            return known
        }
        if areTexts, !isASCII(value), String(validating: value, as: UTF8.self) == nil {
            let repaired = [UInt8](String(decoding: value, as: UTF8.self).utf8)
            return repaired.withUnsafeBytes { add(bytes: $0) }
        }
        last = ends.count
        index.insert(hash, last)
        bytes.append(value)
        ends.append(bytes.count)
        return last
    }
}

/// Nearly all texts are: no need to look at their characters.
@inline(__always)
private func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var bits: UInt64 = 0
    var offset = 0
    while offset &+ 8 <= bytes.count {
        bits |= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset &+= 8
    }
    while offset < bytes.count {
        bits |= UInt64(bytes[offset])
        offset &+= 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
}
