// SPDX-License-Identifier: Apache-2.0

/// The shapes of a block's spans: which slots a span has values for, in which order. Spans of one operation
/// mostly have one shape.
///
/// A tree with a slot at each node: the way from the root to a node is a shape. The next attribute of a span is
/// found by comparing its key with what followed last time, without hashing it.
struct ShapeTree: Sendable {
    /// Above this many slots or nodes, and above this many followers of one node, a span gets no shape and is
    /// kept whole: keys that never repeat would make a column each.
    static let slotsMax = 1_000
    static let nodesMax = 20_000
    static let followersMax = 48
    /// The same above this many slots of one shape, and of all nodes' shapes together: a span's attributes that grow
    /// by one with each span would make lists of hundreds of megabytes.
    static let depthMax: Int32 = 1_000
    static let slotsOfNodesMax = 4_000_000

    private struct Node: Sendable, BitwiseCopyable {
        var slot: Int32
        var parent: Int32
        var firstFollower: Int32 = -1
        var nextSibling: Int32 = -1
        var followerCount: Int32 = 0
        /// Slots on the way from the root.
        var depth: Int32 = 0
    }

    /// A slot with its key in ``keys``.
    private struct Entry: Sendable, BitwiseCopyable {
        var place: Slot.Place
        var kind: Slot.Kind
        var keyStart: Int32
        var keyEnd: Int32
    }

    /// The node of a span without anything.
    static let root: Int32 = 0
    /// The node of a span that gets no shape.
    static let none: Int32 = -1

    private var nodes = GrownBuffer<Node>()
    private var entries = GrownBuffer<Entry>()
    private var keys = GrownBuffer<UInt8>()
    /// Of the shapes of all nodes.
    private var slotsOfNodes = 0

    init() { nodes.append(Node(slot: -1, parent: -1)) }

    var slotCount: Int { entries.count }

    func slot(_ number: Int) -> Slot {
        let entry = entries[number]
        return Slot(
            place: entry.place, kind: entry.kind,
            key: [UInt8](keys.slice(Int(entry.keyStart), Int(entry.keyEnd))))
    }

    /// The slots of a shape, in order.
    func slots(of node: Int32) -> [Int] {
        var slots: [Int] = []
        var node = node
        while node > Self.root {
            slots.append(Int(nodes[Int(node)].slot))
            node = nodes[Int(node)].parent
        }
        return slots.reversed()
    }

    /// The slot that leads to a node.
    @inline(__always)
    func lastSlot(of node: Int32) -> Int { Int(nodes[Int(node)].slot) }

    /// The node that follows with a slot; ``none`` when there are too many.
    @inline(__always)
    mutating func follow(
        _ node: Int32, _ place: Slot.Place, _ kind: Slot.Kind, _ key: UnsafeRawBufferPointer
    ) -> Int32 {
        guard node >= 0 else { return Self.none }
        var follower = nodes[Int(node)].firstFollower
        while follower >= 0 {
            let known = nodes[Int(follower)]
            if isSame(entries[Int(known.slot)], place, kind, key) { return follower }
            follower = known.nextSibling
        }
        return add(node, place, kind, key)
    }

    @inline(__always)
    private func isSame(
        _ entry: Entry, _ place: Slot.Place, _ kind: Slot.Kind, _ key: UnsafeRawBufferPointer
    ) -> Bool {
        guard entry.place == place, entry.kind == kind, Int(entry.keyEnd - entry.keyStart) == key.count
        else { return false }
        return sameBytes(keys.slice(Int(entry.keyStart), Int(entry.keyEnd)), key)
    }

    @inline(never)
    private mutating func add(
        _ node: Int32, _ place: Slot.Place, _ kind: Slot.Kind, _ key: UnsafeRawBufferPointer
    ) -> Int32 {
        // Only here, where a key is new, so that known ones cost no look at their characters.
        if String(validating: key, as: UTF8.self) == nil {
            let repaired = [UInt8](String(decoding: key, as: UTF8.self).utf8)
            return repaired.withUnsafeBytes { follow(node, place, kind, $0) }
        }
        let isRescue = place == .whole
        let depth = nodes[Int(node)].depth + 1
        guard isRescue || hasRoom(behind: nodes[Int(node)]) else { return Self.none }
        var slot = entries.firstIndex { isSame($0, place, kind, key) }
        if slot == nil {
            guard isRescue || (entries.count < Self.slotsMax && keys.count + key.count < 1 << 20) else {
                return Self.none
            }
            slot = entries.count
            let start = Int32(truncatingIfNeeded: keys.count)
            keys.append(key)
            entries.append(
                Entry(
                    place: place, kind: kind, keyStart: start,
                    keyEnd: Int32(truncatingIfNeeded: keys.count)))
        }
        let number = Int32(truncatingIfNeeded: nodes.count)
        nodes.append(
            Node(
                slot: Int32(truncatingIfNeeded: slot ?? 0), parent: node,
                nextSibling: nodes[Int(node)].firstFollower, depth: depth))
        slotsOfNodes += Int(depth)
        nodes.update(Int(node)) { node in
            node.firstFollower = number
            node.followerCount += 1
        }
        return number
    }

    private func hasRoom(behind node: Node) -> Bool {
        nodes.count < Self.nodesMax && node.followerCount < Self.followersMax && node.depth < Self.depthMax
            && slotsOfNodes < Self.slotsOfNodesMax
    }
}
