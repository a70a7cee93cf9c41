// SPDX-License-Identifier: Apache-2.0

/// A name, or a pattern in which `*` stands for any characters and `?` for one.
public struct NamePattern: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let description: String
    private let bytes: [UInt8]
    private let hasWildcards: Bool

    public init(_ pattern: String) {
        description = pattern
        bytes = Array(pattern.utf8)
        hasWildcards = bytes.contains { $0 == Self.any || $0 == Self.one }
    }

    public init(stringLiteral value: String) { self.init(value) }

    private static let any = UInt8(ascii: "*")
    private static let one = UInt8(ascii: "?")

    /// Whether the whole of `name` fits. Takes at most the product of both lengths in steps, and no memory.
    public func matches(_ name: some StringProtocol) -> Bool {
        guard hasWildcards else { return name.utf8.elementsEqual(bytes) }
        let scalars = name.unicodeScalars
        var position = scalars.startIndex
        var index = 0
        /// Where to go on when the last `*` has to stand for one more character.
        var retry: (index: Int, position: String.UnicodeScalarView.Index)?
        while position < scalars.endIndex {
            if index < bytes.count, bytes[index] == Self.any {
                retry = (index + 1, position)
                index += 1
            } else if let next = step(index, scalars[position]) {
                index = next
                position = scalars.index(after: position)
            } else if let last = retry {
                position = scalars.index(after: last.position)
                index = last.index
                retry = (last.index, position)
            } else {
                return false
            }
        }
        return bytes[index...].allSatisfy { $0 == Self.any }
    }

    /// The place behind what stands for `scalar`; nil when it does not fit.
    private func step(_ index: Int, _ scalar: Unicode.Scalar) -> Int? {
        guard index < bytes.count else { return nil }
        if bytes[index] == Self.one { return index + 1 }
        var end = index
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            guard end < bytes.count, bytes[end] == byte else { return nil }
            end += 1
        }
        return end
    }
}
