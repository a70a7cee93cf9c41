// SPDX-License-Identifier: Apache-2.0

import Logging

/// One log line for people.
struct TerminalLine {
    /// Select Graphic Rendition codes (ECMA-48).
    enum Colour: String {
        case dim = "2"
        case red = "31"
        case boldRed = "1;31"
        case yellow = "33"
        case green = "32"
        case cyan = "36"
        case magenta = "35"
    }

    private(set) var bytes: [UInt8] = []
    private let isColoured: Bool

    init(isColoured: Bool) {
        self.isColoured = isColoured
        bytes.reserveCapacity(256)
    }

    mutating func time(_ time: LogTime) {
        begin(.dim)
        time.appendClock(to: &bytes)
        let thousands = 1_000 + time.microseconds / 1_000
        text("." + String(thousands).dropFirst())
        end()
        text(" ")
    }

    mutating func level(_ level: Logger.Level) {
        let (name, colour): (String, Colour) =
            switch level {
            case .trace: ("TRACE", .dim)
            case .debug: ("DEBUG", .dim)
            case .info: ("INFO ", .green)
            case .notice: ("NOTE ", .cyan)
            case .warning: ("WARN ", .yellow)
            case .error: ("ERROR", .red)
            case .critical: ("FATAL", .boldRed)
            }
        coloured(colour, name)
        text(" ")
    }

    mutating func coloured(_ colour: Colour, _ text: String) {
        begin(colour)
        escaped(text)
        end()
    }

    mutating func field(_ key: String, _ value: String) {
        text("  ")
        begin(.dim)
        escaped(key)
        text("=")
        end()
        let needsQuotes = value.isEmpty || value.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }
        if needsQuotes { text("\"") }
        escaped(value, quoted: needsQuotes)
        if needsQuotes { text("\"") }
    }

    mutating func text(_ text: some StringProtocol) { bytes.append(contentsOf: text.utf8) }

    /// Control characters are written visibly: data must neither move the cursor nor forge a line.
    mutating func escaped(_ text: String, quoted: Bool = false) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": self.text("\\n")
            case "\r": self.text("\\r")
            case "\t": self.text("\\t")
            case "\"" where quoted: self.text("\\\"")
            case "\u{0}"..<"\u{20}", "\u{7f}"..<"\u{a0}", "\u{202a}"..."\u{202e}", "\u{2066}"..."\u{2069}":
                self.text("\\u{\(String(scalar.value, radix: 16))}")
            default: self.text(String(scalar))
            }
        }
    }

    private mutating func begin(_ colour: Colour) {
        if isColoured { text("\u{1b}[\(colour.rawValue)m") }
    }

    private mutating func end() {
        if isColoured { text("\u{1b}[0m") }
    }
}
