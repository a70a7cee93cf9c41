// SPDX-License-Identifier: Apache-2.0

/// A piece of SQL text, as SQLite divides it.
struct SQLToken: Hashable {
    enum Kind: Hashable {
        /// A keyword or a bare identifier.
        case word
        /// `[name]` or `` `name` ``: an identifier whatever it holds.
        case quotedIdentifier
        /// `"name"`: an identifier, or a string where SQLite's old leniency is switched on.
        case doubleQuoted
        /// A string, a blob or a number.
        case literal
        /// `?`, `?1`, `:name`, `@name`, `$name`.
        case parameter
        case space
        case comment
        case punctuation
    }

    let kind: Kind
    /// Where in the bytes it stands.
    let range: Range<Int>
}

/// Divides SQL text into tokens: pure, each byte looked at a bounded number of times, any bytes accepted.
///
/// Source: SQLite's `tokenize.c` and "SQL As Understood By SQLite", "Literal Values", "Parameters".
struct SQLScanner {
    let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next token; nil at the end. The tokens cover all bytes.
    mutating func next() -> SQLToken? {
        guard position < bytes.count else { return nil }
        let start = position
        let kind = advance()
        return SQLToken(kind: kind, range: start..<position)
    }

    private func byte(_ offset: Int = 0) -> UInt8? {
        position + offset < bytes.count ? bytes[position + offset] : nil
    }

    private mutating func advance() -> SQLToken.Kind {
        let first = bytes[position]
        switch first {
        case 0x20, 0x09, 0x0A, 0x0C, 0x0D:
            skip { $0 == 0x20 || (0x09...0x0D).contains($0) }
            return .space
        case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
            skip { $0 != 0x0A }
            return .comment
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
            skipBlockComment()
            return .comment
        case UInt8(ascii: "'"):
            skipQuoted(first)
            return .literal
        case UInt8(ascii: "\""):
            skipQuoted(first)
            return .doubleQuoted
        case UInt8(ascii: "`"):
            skipQuoted(first)
            return .quotedIdentifier
        case UInt8(ascii: "["):
            skip { $0 != UInt8(ascii: "]") }
            position = min(position + 1, bytes.count)
            return .quotedIdentifier
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            skipNumber()
            return .literal
        case UInt8(ascii: ".") where byte(1).map(Self.isDigit) == true:
            skipNumber()
            return .literal
        case UInt8(ascii: "?"):
            position += 1
            skip(while: Self.isDigit)
            return .parameter
        case UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: "#"):
            return parameterOrPunctuation()
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard byte(1) == UInt8(ascii: "'") else { return word() }
            position += 1
            skipQuoted(UInt8(ascii: "'"))
            return .literal
        case _ where Self.isWord(first):
            return word()
        default:
            position += 1
            return .punctuation
        }
    }

    private mutating func word() -> SQLToken.Kind {
        skip(while: Self.isWord)
        return .word
    }

    private mutating func parameterOrPunctuation() -> SQLToken.Kind {
        guard let second = byte(1), Self.isWord(second) else {
            position += 1
            return .punctuation
        }
        let isTcl = bytes[position] == UInt8(ascii: "$")
        position += 1
        skip(while: Self.isWord)
        guard isTcl else { return .parameter }
        // "$AAAA": "The identifier name … can include one or more occurrences of "::" and a suffix enclosed
        // in (…)".
        while byte() == UInt8(ascii: ":"), byte(1) == UInt8(ascii: ":") {
            position += 2
            skip(while: Self.isWord)
        }
        if byte() == UInt8(ascii: "(") {
            skip { $0 != UInt8(ascii: ")") }
            position = min(position + 1, bytes.count)
        }
        return .parameter
    }

    /// Integers, hexadecimal, fractions, exponents, digit separators, and whatever letters cling to them:
    /// SQLite refuses `12abc`, so that nothing is lost by taking it for one literal.
    private mutating func skipNumber() {
        while let byte = byte() {
            let isExponentSign =
                (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                && (bytes[position - 1] | 0x20) == UInt8(ascii: "e") && !startsHexadecimal(before: position)
            guard Self.isWord(byte) || byte == UInt8(ascii: ".") || isExponentSign else { return }
            position += 1
        }
    }

    /// Whether the number that `end` stands in began with `0x`; a number is looked back at most once per
    /// sign.
    private func startsHexadecimal(before end: Int) -> Bool {
        var start = end - 1
        while start > 0, Self.isWord(bytes[start - 1]) { start -= 1 }
        return start + 1 < bytes.count && bytes[start] == UInt8(ascii: "0")
            && (bytes[start + 1] | 0x20) == UInt8(ascii: "x")
    }

    /// A doubled quote stands for itself; without a closing one, everything to the end belongs to it.
    private mutating func skipQuoted(_ quote: UInt8) {
        position += 1
        while let byte = byte() {
            position += 1
            guard byte == quote else { continue }
            guard self.byte() == quote else { return }
            position += 1
        }
    }

    private mutating func skipBlockComment() {
        position += 2
        while let byte = byte() {
            if byte == UInt8(ascii: "*"), self.byte(1) == UInt8(ascii: "/") {
                position += 2
                return
            }
            position += 1
        }
        position = min(position, bytes.count)
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
        while let byte = byte(), condition(byte) { position += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    // "$" may stand inside an identifier but not begin it; all bytes from 0x80 on belong to identifiers.
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }
}
