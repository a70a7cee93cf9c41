// SPDX-License-Identifier: Apache-2.0

/// Vendor data that travels with a trace: an ordered list of at most 32 `key=value` members, newest first.
///
/// Every value of this type is valid; a change that would make it invalid gives nil or leaves it as it was.
/// Source: W3C Trace Context Level 2, "tracestate".
public struct TraceState: Hashable, Sendable {
    /// One member of the list.
    public struct Member: Hashable, Sendable {
        public let key: String
        public let value: String
    }

    /// Members above this number make a header invalid.
    public static let membersMax = 32

    /// The members, the most recently changed first.
    public private(set) var members: [Member]

    /// The empty list; allocates nothing.
    public init() { members = [] }

    public var isEmpty: Bool { members.isEmpty }

    /// Reads a header value (several headers joined with `,`). Nil when any member breaks the grammar,
    /// a key stands twice, or there are more than ``membersMax``. Empty members are legal and skipped.
    public init?(headerValue: some StringProtocol) {
        var members: [Member] = []
        for part in String(headerValue).utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        {
            let bytes = part.trimmingOptionalWhitespace()
            if bytes.isEmpty { continue }
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let key = bytes[..<equals]
            let value = bytes[bytes.index(after: equals)...]
            guard Self.isKey(key), Self.isValue(value), members.count < Self.membersMax else { return nil }
            let member = Member(
                key: String(decoding: key, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
            guard !members.contains(where: { $0.key == member.key }) else { return nil }
            members.append(member)
        }
        self.members = members
    }

    /// `key=value,key=value`; empty for no members.
    public var headerValue: String {
        members.lazy.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    /// The value of `key`, nil when absent.
    public subscript(key: String) -> String? {
        members.first { $0.key == key }?.value
    }

    /// A list with `key` set and moved to the front; nil when key or value break the grammar.
    /// Beyond ``membersMax`` the oldest member (the last) is dropped.
    public func setting(_ key: String, to value: String) -> TraceState? {
        guard Self.isKey(key.utf8), Self.isValue(value.utf8) else { return nil }
        var copy = removing(key)
        copy.members.insert(Member(key: key, value: value), at: 0)
        if copy.members.count > Self.membersMax { copy.members.removeLast() }
        return copy
    }

    /// A list without `key`; the same list when it was absent.
    public func removing(_ key: String) -> TraceState {
        var copy = self
        copy.members.removeAll { $0.key == key }
        return copy
    }

    // Level 2: key = ( lcalpha / DIGIT ) 0*255 ( keychar ); keychar = lcalpha / DIGIT / "_" / "-"/ "*" / "/"
    // / "@"
    private static func isKey(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, (1...256).contains(bytes.count), first.isLowerAlphaOrDigit else {
            return false
        }
        return bytes.dropFirst().allSatisfy {
            $0.isLowerAlphaOrDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: "*")
                || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "@")
        }
    }

    // Level 2: value = 0*255(chr) nblk-chr; nblk-chr = %x21-2B / %x2D-3C / %x3E-7E; chr = %x20 / nblk-chr
    private static func isValue(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...256).contains(bytes.count) else { return false }
        var last: UInt8 = 0
        for byte in bytes {
            guard (0x20...0x7e).contains(byte), byte != UInt8(ascii: ","), byte != UInt8(ascii: "=") else {
                return false
            }
            last = byte
        }
        return last != 0x20
    }
}

extension UInt8 {
    fileprivate var isLowerAlphaOrDigit: Bool { (0x61...0x7a).contains(self) || (0x30...0x39).contains(self) }
}

extension BidirectionalCollection<UInt8> {
    /// Without leading and trailing spaces and tabs (RFC 9110 OWS).
    fileprivate func trimmingOptionalWhitespace() -> SubSequence {
        var slice = self[...]
        while let first = slice.first, first == 0x20 || first == 0x09 { slice = slice.dropFirst() }
        while let last = slice.last, last == 0x20 || last == 0x09 { slice = slice.dropLast() }
        return slice
    }
}
