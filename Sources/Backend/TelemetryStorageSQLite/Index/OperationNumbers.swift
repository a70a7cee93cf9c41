// SPDX-License-Identifier: Apache-2.0

/// Some of the store's operations, by number: a bit each. Every block of the store asks for each of its operations
/// whether it is among them.
struct OperationNumbers: Sendable {
    private var words: [UInt64] = []

    init(_ numbers: some Sequence<UInt32>) {
        for number in numbers {
            let word = Int(number >> 6)
            while words.count <= word { words.append(0) }
            words[word] |= 1 << UInt64(number & 63)
        }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    @inline(__always)
    func contains(_ number: UInt32) -> Bool {
        let word = Int(number >> 6)
        return word < words.count && words[word] >> UInt64(number & 63) & 1 == 1
    }
}
