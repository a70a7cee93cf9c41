// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Keeps log lines for a test to look at.
final class CapturedLog: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let captured = Mutex<[Line]>([])

    var lines: [Line] { captured.withLock { $0 } }
    var text: String { lines.map { "\($0.message) \($0.metadata)" }.joined(separator: "\n") }

    func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

    func logger(label: String = "test") -> Logger { Logger(label: label) { _ in Handler(log: self) } }

    struct Handler: LogHandler {
        let log: CapturedLog
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?

        init(log: CapturedLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) {
                $1
            }
            let line = Line(
                level: event.level, message: event.message.description, metadata: all.mapValues { "\($0)" })
            log.captured.withLock { $0.append(line) }
        }
    }
}

/// Keeps the bytes that a handler writes.
final class CapturedBytes: Sendable {
    private let captured = Mutex<[[UInt8]]>([])

    var writes: [String] { captured.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }

    func append(_ bytes: [UInt8]) { captured.withLock { $0.append(bytes) } }
}
