// SPDX-License-Identifier: Apache-2.0

/// The first places of an answer, filled in any order.
struct NewestTraces {
    private let countMax: Int
    /// Places at or before this belong to earlier pages.
    private let after: TraceOrder?
    private(set) var found: [TraceOrder] = []

    init(countMax: Int, after: TraceOrder?) {
        self.countMax = countMax
        self.after = after
    }

    /// Whether a trace that begins at `start` at the latest could still get a place.
    func hasRoom(forStart start: UInt64) -> Bool {
        guard found.count >= countMax, let last = found.last else { return countMax > 0 }
        return start >= last.start
    }

    /// Whether the place would be kept.
    func wants(_ place: TraceOrder) -> Bool {
        if let after, !after.comesBefore(place) { return false }
        guard found.count >= countMax, let last = found.last else { return countMax > 0 }
        return place.comesBefore(last)
    }

    mutating func add(_ place: TraceOrder) {
        if let after, !after.comesBefore(place) { return }
        var low = 0
        var high = found.count
        while low < high {
            let middle = (low + high) / 2
            if found[middle].comesBefore(place) { low = middle + 1 } else { high = middle }
        }
        if low < found.count, found[low] == place { return }
        guard low < countMax else { return }
        found.insert(place, at: low)
        if found.count > countMax { found.removeLast() }
    }
}
