// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// Tells the person at the terminal how far long work has come: on a terminal in one line that changes, else a
/// line now and then.
struct TransferProgress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var next = ContinuousClock.now + .seconds(1)
    private var isShown = false

    mutating func show(_ text: @autoclosure () -> String) {
        guard ContinuousClock.now >= next else { return }
        next = ContinuousClock.now + .milliseconds(isTerminal ? 250 : 10_000)
        // Carriage return, and "erase in line" (ECMA-48, EL).
        let line = isTerminal ? "\r\u{1b}[K" + text() : text() + "\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
        isShown = isTerminal
    }

    /// Takes the changing line away.
    mutating func end() {
        if isShown { try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K".utf8)) }
        isShown = false
    }

    /// "12,345".
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// "1 block", "12,345 blocks".
    static func counted(_ number: Int, _ thing: String) -> String {
        "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
    }
}
