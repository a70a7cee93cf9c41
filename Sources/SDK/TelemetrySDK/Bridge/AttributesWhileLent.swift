// SPDX-License-Identifier: Apache-2.0

import Tracing

/// What is to be done with a span's dictionary of attributes when it comes back from whoever is changing it.
struct AttributesWhileLent {
    /// What there was when it was lent, if it was full by then: new keys are over the limit.
    var keysBefore: SpanAttributes?
    /// Somebody set all attributes anew.
    var replacesAll = false
    /// Set through the other API, to be taken out of the dictionary; before ``added``.
    var removed: [String] = []
    var added = SpanAttributes([:])

    init() {}

    init(replacingAllWith new: SpanAttributes) {
        replacesAll = true
        added = new
    }

    mutating func remove(_ key: String) {
        added.set(key, value: nil)
        if !removed.contains(key) { removed.append(key) }
    }
}

extension SpanState {
    /// Notes something for the return of the dictionary. With the lock held.
    mutating func noteWhileLent(_ note: (inout AttributesWhileLent) -> Void) {
        if whileLent == nil {
            let memory = UnsafeMutablePointer<AttributesWhileLent>.allocate(capacity: 1)
            memory.initialize(to: AttributesWhileLent())
            whileLent = memory
        }
        if let whileLent { note(&whileLent.pointee) }
    }

    mutating func takeWhileLent() -> AttributesWhileLent? {
        guard let memory = whileLent else { return nil }
        whileLent = nil
        defer { memory.deallocate() }
        return memory.move()
    }

    func freeWhileLent() {
        whileLent?.deinitialize(count: 1)
        whileLent?.deallocate()
    }
}
