// SPDX-License-Identifier: Apache-2.0

/// Values that come one behind the other. Copies share them, and go on seeing what was there when they were made.
///
/// As an array, but appending while a copy is about costs nothing more: what one question looks at must not make
/// the next commit copy megabytes. And nothing is retained to read a value, a fifth of what decoding cost.
// Safety: values below the `count` of a copy change in place only while nobody shares them (``isUnshared()``).
// What lies behind belongs to the copy that stands at the end of the used part; another that grows takes memory of
// its own. `ActiveBlock` grows under the lock of its state, so that there is one such copy.
struct GrownBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// The number of values in use, of all copies together, and then the values.
    private final class Memory {
        let start: UnsafeMutableRawPointer

        init(capacity: Int) {
            start = .allocate(
                byteCount: GrownBuffer.headBytes + capacity * MemoryLayout<Element>.stride,
                alignment: GrownBuffer.headBytes)
            start.storeBytes(of: 0, as: Int.self)
        }

        deinit { start.deallocate() }
    }

    /// No element asks for more.
    private static var headBytes: Int { 16 }
    private static var capacityMin: Int { 16 }

    private var memory: Memory
    private var elements: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int = 0) {
        self.capacity = capacity
        memory = Memory(capacity: capacity)
        elements = Self.elements(of: memory)
    }

    private static func elements(of memory: Memory) -> UnsafeMutablePointer<Element> {
        (memory.start + headBytes).assumingMemoryBound(to: Element.self)
    }

    @inline(__always)
    private var used: UnsafeMutablePointer<Int> {
        (UnsafeMutableRawPointer(elements) - Self.headBytes).assumingMemoryBound(to: Int.self)
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity || used.pointee != count { makeRoom(for: 1) }
        elements[count] = element
        count &+= 1
        used.pointee = count
    }

    mutating func append(repeating element: Element, count more: Int) {
        if more > capacity &- count || used.pointee != count { makeRoom(for: more) }
        (elements + count).update(repeating: element, count: more)
        count += more
        used.pointee = count
    }

    @inline(never)
    private mutating func makeRoom(for more: Int) {
        var room = capacity
        if count + more > capacity { room = Swift.max(Self.capacityMin, count + more, capacity * 2) }
        let old = memory
        let from = elements
        memory = Memory(capacity: room)
        elements = Self.elements(of: memory)
        capacity = room
        withExtendedLifetime(old) { elements.update(from: from, count: count) }
        used.pointee = count
    }

    /// Takes away the last values.
    mutating func truncate(to newCount: Int) {
        guard newCount < count else { return }
        count = newCount
        // Copies still show what lies behind: then the next value finds the end used, and takes other memory.
        if isKnownUniquelyReferenced(&memory) { used.pointee = count }
    }

    /// Makes sure that values can be changed in place.
    @inline(__always)
    mutating func makeUnshared() {
        if !isKnownUniquelyReferenced(&memory) { makeRoom(for: 0) }
    }

    /// The values, valid within `body`.
    func withValues<T, E: Error>(_ body: (UnsafeBufferPointer<Element>) throws(E) -> T) throws(E) -> T {
        let memory = memory
        defer { withExtendedLifetime(memory) {} }
        return try body(UnsafeBufferPointer(start: elements, count: count))
    }

    /// Changes a value; ``makeUnshared()`` was called since the last copy was made.
    @inline(__always)
    mutating func set(_ index: Int, to element: Element) {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such value")
        elements[index] = element
    }

    /// Changes a value, in memory of its own.
    mutating func update(_ index: Int, _ body: (inout Element) -> Void) {
        makeUnshared()
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such value")
        body(&elements[index])
    }
}

extension GrownBuffer: RandomAccessCollection {
    var startIndex: Int { 0 }

    @inline(__always)
    var endIndex: Int { count }

    @inline(__always)
    subscript(index: Int) -> Element {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "no such value")
        return elements[index]
    }
}

extension GrownBuffer<UInt8> {
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        if bytes.count > capacity &- count || used.pointee != count { makeRoom(for: bytes.count) }
        UnsafeMutableRawPointer(elements + count).copyMemory(from: base, byteCount: bytes.count)
        count &+= bytes.count
        used.pointee = count
    }

    /// A part of the bytes, valid as long as they are.
    @inline(__always)
    func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        precondition(0 <= start && start <= end && end <= count, "no such bytes")
        return UnsafeRawBufferPointer(start: elements + start, count: end &- start)
    }
}
