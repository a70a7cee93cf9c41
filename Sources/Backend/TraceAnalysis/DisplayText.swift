// SPDX-License-Identifier: Apache-2.0

/// Text from outside made fit for a terminal: nothing in it can move the cursor, change colours or turn the
/// direction of writing, and its width in columns is known.
package struct DisplayText: Hashable, Sendable {
    package let text: String
    /// Columns on a terminal.
    package let width: Int

    /// Text of our own that is plain already.
    init(plain text: String) { self.init(text: text, width: Self.width(of: text)) }

    private init(text: String, width: Int) {
        self.text = text
        self.width = width
    }

    /// Makes every control character visible: `␛` for escape, `\u{202e}` for what has no picture.
    package init(_ raw: String) {
        if raw.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
            self.init(text: raw, width: raw.utf8.count)
            return
        }
        var visible = String.UnicodeScalarView()
        for scalar in raw.unicodeScalars {
            if let picture = Self.picture(of: scalar) {
                visible.append(picture)
            } else if Self.mustBeSpelled(scalar) {
                visible.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                visible.append(scalar)
            }
        }
        self.init(plain: String(visible))
    }

    /// At most `columns` wide: what is too long loses its middle, because both ends tell names apart.
    package func cutInMiddle(to columns: Int) -> DisplayText {
        guard width > columns else { return self }
        let room = max(columns - 1, 0)
        let characters = Array(text)
        let tail = Self.take(characters.reversed(), columns: room / 2)
        let head = Self.take(characters, columns: room - room / 2)
        return DisplayText(plain: String(head) + "…" + String(tail.reversed()))
    }

    /// At most `columns` wide: what is too long loses its end.
    package func cutAtEnd(to columns: Int) -> DisplayText {
        guard width > columns else { return self }
        return DisplayText(plain: String(Self.take(Array(text), columns: max(columns - 1, 0))) + "…")
    }

    private static func take(_ characters: some Sequence<Character>, columns: Int) -> [Character] {
        var taken: [Character] = []
        var used = 0
        for character in characters {
            let next = width(of: character)
            if used + next > columns { break }
            used += next
            taken.append(character)
        }
        return taken
    }

    private static func picture(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar.value {
        case 0x00...0x1f: Unicode.Scalar(0x2400 + scalar.value)
        case 0x7f: Unicode.Scalar(0x2421 as UInt32)
        default: nil
        }
    }

    /// C1 controls, separators of lines, and formats: bidirectional overrides, zero-width characters, tags.
    private static func mustBeSpelled(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            true
        default: false
        }
    }

    private static func width(of text: String) -> Int {
        text.reduce(0) { $0 + width(of: $1) }
    }

    private static func width(of character: Character) -> Int {
        if character.isASCII { return 1 }
        return character.unicodeScalars.reduce(0) { max($0, width(of: $1)) }
    }

    // Unicode Standard Annex 11, "East Asian Width", in blocks: an approximation that is off by a column for
    // a few rare characters.
    private static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff,
            0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f680...0x1f6ff,
            0x1f900...0x1faff, 0x20000...0x3fffd:
            return 2
        default: return 1
        }
    }
}
