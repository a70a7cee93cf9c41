// SPDX-License-Identifier: Apache-2.0

/// Distinct numbers in the order in which they first came.
struct NumberSet {
    private(set) var numbers: [UInt32] = []
    private var index = HashIndex()
    /// Neighbours are often the same.
    private var last = -1

    /// Where a number stands; it is added when it was not there.
    @inline(__always)
    mutating func place(of number: UInt32) -> Int {
        if last >= 0, numbers[last] == number { return last }
        let hash = BlockHash.hash(UInt64(number), 0)
        if let known = index.find(hash, where: { numbers[$0] == number }) {
            last = known
        } else {
            last = numbers.count
            index.insert(hash, last)
            numbers.append(number)
        }
        return last
    }
}
