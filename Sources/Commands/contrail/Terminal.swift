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
