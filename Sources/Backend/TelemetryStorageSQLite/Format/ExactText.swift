// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A text that equals another when the bytes do. `String` also takes canonically equivalent ones for equal,
/// and then one of two names would come back with the other's bytes.
struct ExactText: Hashable, Sendable {
    var text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool {
        var (left, right) = (left.text, right.text)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard left.count == right.count else { return false }
                guard let left = left.baseAddress, let bytes = right.baseAddress else { return true }
                // Byte by byte it was a twentieth of all that ingest costs.
                return memcmp(left, bytes, right.count) == 0
            }
        }
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
