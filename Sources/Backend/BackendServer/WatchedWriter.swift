// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization
internal import TelemetryModel
internal import TelemetryStorage

/// Writes to a store, notes how long that takes and how it ends, and says in the log when the store refuses:
/// its senders are told each time, but whoever can make room on the disk looks here.
final class WatchedWriter: SpanWriter {
    private let writer: any SpanWriter
    private let watch: WriteWatch

    init(
        _ writer: any SpanWriter, at place: String, logger: Logger, times: Histogram = Histogram(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.writer = writer
        watch = WriteWatch(of: "spans", at: place, logger: logger, times: times, now: now)
    }

    /// Why spans would not be stored now; nil when nothing speaks against it.
    var obstacle: String? { watch.obstacle }

    func write(_ spans: EncodedSpans) async throws(StorageError) {
        try await watch.watch { () throws(StorageError) in try await writer.write(spans) }
    }
}

/// The same for logs.
final class WatchedLogWriter: LogWriter {
    private let writer: any LogWriter
    private let watch: WriteWatch

    init(_ writer: any LogWriter, at place: String, logger: Logger) {
        self.writer = writer
        watch = WriteWatch(of: "logs", at: place, logger: logger, times: Histogram(), now: { .now })
    }

    /// Why logs would not be stored now; nil when nothing speaks against it.
    var obstacle: String? { watch.obstacle }

    func write(_ batch: [ResourceLogs]) async throws(StorageError) {
        try await watch.watch { () throws(StorageError) in try await writer.write(batch) }
    }
}

/// Says in the log that writes are refused, and that they no longer are; notes how long they take.
final class WriteWatch: Sendable {
    private struct State {
        var isRefusing = false
        /// Requests since the last line.
        var refusedCount = 0
        var quietUntil: ContinuousClock.Instant?
        var health = WriteHealth()
    }

    /// What is written: "spans", "logs".
    private let what: String
    /// Where the store keeps its data, for the reader of the log.
    private let place: String
    private let logger: Logger
    private let times: Histogram
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// From one line about refused requests to the next. Those between are counted in the next one.
    static let quietTime = Duration.seconds(60)

    init(
        of what: String, at place: String, logger: Logger, times: Histogram,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.what = what
        self.place = place
        self.logger = logger
        self.times = times
        self.now = now
    }

    /// Why nothing would be stored now; nil when nothing speaks against it.
    var obstacle: String? {
        let now = now()
        return state.withLock { $0.health.obstacle(at: now) }
    }

    func watch(_ write: () async throws(StorageError) -> Void) async throws(StorageError) {
        let began = now()
        state.withLock { $0.health.began(at: began) }
        do throws(StorageError) {
            try await write()
        } catch {
            ended(since: began, error.advice == nil ? nil : error)
            if let advice = error.advice { refused(error, advice) }
            throw error
        }
        ended(since: began, nil)
        let isBack = state.withLock { state in
            defer { state.isRefusing = false }
            return state.isRefusing
        }
        if isBack { logger.warning("\(what) are stored again", metadata: ["data": "\(place)"]) }
    }

    private func ended(since began: ContinuousClock.Instant, _ error: StorageError?) {
        let now = now()
        times.observe(now - began)
        state.withLock { $0.health.ended(error, at: now) }
    }

    private func refused(_ error: StorageError, _ advice: String) {
        let now = now()
        let count = state.withLock { state in
            state.isRefusing = true
            state.refusedCount += 1
            if let quietUntil = state.quietUntil, now < quietUntil { return nil as Int? }
            state.quietUntil = now + Self.quietTime
            defer { state.refusedCount = 0 }
            return state.refusedCount
        }
        guard let count else { return }
        logger.error(
            "\(what) are refused: \(advice)",
            metadata: ["data": "\(place)", "reason": "\(error)", "requests": "\(count)"])
    }
}

extension StorageError {
    /// What to do about it here; nil for what is the sender's business or the end of the program.
    fileprivate var advice: String? {
        switch self {
        case .unavailable:
            "make room on the disk if it is full; too much at once passes by itself; senders try again for a while"
        case .damaged, .failed, .cannotOpen, .newerSchema:
            "see that the data directory can be written, and start contrail again; senders drop what is refused"
        case .closed, .tooLarge, .badCursor, .cancelled: nil
        }
    }
}
