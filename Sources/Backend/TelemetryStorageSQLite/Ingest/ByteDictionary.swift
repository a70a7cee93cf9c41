// SPDX-License-Identifier: Apache-2.0

/// Distinct byte strings by number, in order of first appearance.
struct ByteDictionary: Sendable {
    private var bytes: [UInt8] = []
    /// Where each entry ends.
    private var ends: [Int] = []
    private var index = HashIndex()
    /// Many values are the same as the one before.
    private var last = -1

    var count: Int { ends.count }

    /// The entry's bytes, valid within `body`.
    @inline(__always)
    func withEntry<T>(_ number: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        let start = number == 0 ? 0 : ends[number - 1]
        let end = ends[number]
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
    }

    func entry(_ number: Int) -> [UInt8] { withEntry(number) { [UInt8]($0) } }

    func text(_ number: Int) -> String { withEntry(number) { String(decoding: $0, as: UTF8.self) } }

    /// The number of a byte string that is there.
    func number(of value: UnsafeRawBufferPointer) -> Int? {
        index.find(BlockHash.hash(value)) { number in withEntry(number) { sameBytes($0, value) } }
    }

    /// The number of any byte string.
    @inline(__always)
    mutating func add(bytes value: UnsafeRawBufferPointer) -> Int {
        if let known = known(value) { return known }
        return insert(value)
    }

    /// The number of a text. Bytes that are not UTF-8 become what they are read as, so that a search for that
    /// finds them.
    @inline(__always)
    mutating func add(text value: UnsafeRawBufferPointer) -> Int {
        if let known = known(value) { return known }
        return insertText(value)
    }

    @inline(__always)
    private mutating func known(_ value: UnsafeRawBufferPointer) -> Int? {
        if last >= 0, withEntry(last, { sameBytes($0, value) }) { return last }
        guard let number = number(of: value) else { return nil }
        last = number
        return number
    }

    @inline(never)
    private mutating func insertText(_ value: UnsafeRawBufferPointer) -> Int {
        if String(validating: value, as: UTF8.self) != nil { return insert(value) }
        let repaired = [UInt8](String(decoding: value, as: UTF8.self).utf8)
        return repaired.withUnsafeBytes { add(bytes: $0) }
    }

    private mutating func insert(_ value: UnsafeRawBufferPointer) -> Int {
        let number = ends.count
        index.insert(BlockHash.hash(value), number)
        bytes.append(contentsOf: value)
        ends.append(bytes.count)
        last = number
        return number
    }
}
