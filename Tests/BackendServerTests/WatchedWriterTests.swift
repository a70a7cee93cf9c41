// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization
import TelemetryModel
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("Words in the log about a store that refuses")
struct WatchedWriterTests {
    /// Refuses with what it is told, or accepts.
    private final class Writer: SpanWriter {
        let error = Mutex<StorageError?>(nil)

        func write(_ spans: EncodedSpans) async throws(StorageError) {
            if let error = error.withLock({ $0 }) { throw error }
        }
    }

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
        var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

        struct Handler: LogHandler {
            let lines: Lines
            var logLevel = Logger.Level.warning
            var metadata: Logger.Metadata = [:]

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let about = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                lines.all.withLock { $0.append("\(event.message) \(about.joined(separator: " "))") }
            }
        }
    }

    @Test("a full disk is one line a minute with the reason and what to do, and one when it is over")
    func fullDisk() async throws {
        let (writer, lines) = (Writer(), Lines())
        let time = Mutex(ContinuousClock.now)
        let watched = WatchedWriter(
            writer, at: "/data", logger: lines.logger, now: { time.withLock { $0 } })
        writer.error.withLock { $0 = .unavailable("database or disk is full (SQLite code 13)") }
        for _ in 0..<3 {
            await #expect(throws: StorageError.self) {
                try await watched.write(EncodedSpans(scanned: [], spanCount: 0))
            }
        }
        #expect(lines.all.withLock { $0.count } == 1)
        let first = try #require(lines.all.withLock { $0.first })
        #expect(first.contains("make room on the disk"))
        #expect(first.contains("data=/data reason=the store is not available now: database or disk is full"))
        #expect(first.hasSuffix("requests=1"))

        time.withLock { $0 += WriteWatch.quietTime }
        await #expect(throws: StorageError.self) {
            try await watched.write(EncodedSpans(scanned: [], spanCount: 0))
        }
        #expect(lines.all.withLock { $0.count == 2 && $0[1].hasSuffix("requests=3") })

        writer.error.withLock { $0 = nil }
        try await watched.write(EncodedSpans(scanned: [], spanCount: 0))
        try await watched.write(EncodedSpans(scanned: [], spanCount: 0))
        #expect(lines.all.withLock { $0.count == 3 && $0[2].hasPrefix("spans are stored again") })
    }

    @Test("what is the sender's business is not logged")
    func senders() async {
        let (writer, lines) = (Writer(), Lines())
        writer.error.withLock { $0 = .tooLarge(limit: 1) }
        let watched = WatchedWriter(writer, at: "memory", logger: lines.logger)
        await #expect(throws: StorageError.self) {
            try await watched.write(EncodedSpans(scanned: [], spanCount: 0))
        }
        #expect(lines.all.withLock { $0.isEmpty })
    }
}
