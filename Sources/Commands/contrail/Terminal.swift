// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import TraceAnalysis

/// Standard output: what it is, and how to write to it.
enum Terminal {
    /// Columns when a terminal does not tell.
    static let columnsDefault = 80

    /// Columns and colours when standard output is a terminal; neither in a pipe or a file.
    static func style(environment: [String: String] = ProcessInfo.processInfo.environment) -> TraceTextStyle {
        guard isatty(STDOUT_FILENO) == 1 else { return TraceTextStyle() }
        // no-color.org: "when present and not an empty string (regardless of its value), prevents the
        // addition of ANSI color".
        let colors = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return TraceTextStyle(columns: columns, colors: colors)
    }

    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return columnsDefault
        }
        return Int(size.ws_col)
    }

    /// Text from outside without anything that a terminal would obey.
    static func visible(_ text: String) -> String { DisplayText(text).text }

    /// Writes JSON to standard output. A terminal obeys DEL and the C1 controls, which JSON may have in its
    /// strings as they are; it gets them escaped, everybody else gets what was answered.
    static func writeJSON(_ bytes: [UInt8]) throws {
        try write(isatty(STDOUT_FILENO) == 1 ? visible(json: bytes) : bytes)
    }

    /// The same JSON with DEL (7F) and C1 controls (C2 80 to C2 9F in UTF-8) as `\u00xx`.
    private static func visible(json: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            let byte = json[index]
            let next = index + 1 < json.count ? json[index + 1] : 0
            if byte == 0xc2, (0x80...0x9f).contains(next) {
                out += Array("\\u00\(String(next, radix: 16))".utf8)
                index += 2
            } else {
                out += byte == 0x7f ? Array("\\u007f".utf8) : [byte]
                index += 1
            }
        }
        return out
    }

    /// Writes everything to standard output. When the reader has gone (`| head -1`), there is nothing more to
    /// do and the program leaves with 0.
    static func write(_ bytes: some Collection<UInt8>) throws {
        // Otherwise the signal would end the program before `write` can say so.
        signal(SIGPIPE, SIG_IGN)
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written >= 0 {
                rest = rest.dropFirst(written)
            } else if errno == EPIPE {
                throw ExitCode.success
            } else if errno != EINTR, errno != EAGAIN {
                throw CommandFailure("Cannot write: \(String(cString: strerror(errno))).")
            }
        }
    }

    static func write(_ text: String) throws { try write(text.utf8) }

    /// A remark for the person; it does not end up in a pipe or file of results.
    static func remark(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}
