// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryModel
public import TelemetrySDK

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Draws each trace as a tree, for people at their desk, as soon as the span has ended under which this process'
/// part of it began:
///
/// ```
/// 4bf92f3577b34da6a3ce929d0e0e4736  items  31.2 ms
/// POST /items  server      31.2 ms  ████████████████████
/// ├─ validate              1.20 ms  █
/// └─ INSERT items  client  25.0 ms    ████████████████    ✗ database is locked  db.system.name=sqlite
/// ```
/// Meant for debugging and learning, not for production: it writes on the thread that ends the span. The form is no
/// standard and may change at any time; what machines are to read is written by `OTLPFileSpanExporter`.
///
/// Spans wait for that root a minute at most, and 4,096 at most; then, and at a flush, they are drawn without it.
/// Coloured on a terminal, unless the environment has `NO_COLOR` (https://no-color.org) or `TERM=dumb`.
/// Values under keys such as `authorization` or `password` are left out.
/// Source: OpenTelemetry specification 1.60, "Span Exporter - Standard output".
public final class ConsoleSpanExporter: ImmediateSpanExporter {
    private struct State {
        var waiting: WaitingSpans
        var isShutDown = false
        /// Looks after what has waited long enough; one at a time.
        var timer: Task<Void, Never>?
    }

    private let sink: LogSink
    private let isColoured: Bool
    private let time: RetryEnvironment
    private let state: Mutex<State>

    /// - Parameter sink: where the trees go, each in one write.
    public convenience init(sink: LogSink = .standardOutput) {
        self.init(
            sink: sink, noColor: getenv("NO_COLOR").map { String(cString: $0) },
            terminal: getenv("TERM").map { String(cString: $0) })
    }

    init(
        sink: LogSink, noColor: String?, terminal: String?, limits: WaitingSpans.Limits = .init(),
        time: RetryEnvironment = .system
    ) {
        self.sink = sink
        // "when present and not an empty string (regardless of its value), prevents the addition of ANSI color"
        isColoured = sink.isTerminal && (noColor ?? "").isEmpty && terminal != "dumb"
        self.time = time
        state = Mutex(State(waiting: WaitingSpans(limits: limits)))
    }

    deinit { state.withLock { $0.timer }?.cancel() }

    public func exportNow(_ batch: SpanBatch) -> ExportResult {
        let isTaken = state.withLock { state in
            // "After the call to Shutdown subsequent calls to Export are not allowed and should return a Failure
            // result."
            guard !state.isShutDown else { return false }
            let now = time.now()
            for group in batch.resourceSpans {
                let service = group.resource.serviceName ?? ""
                for span in group.scopeSpans.flatMap(\.spans) {
                    draw(state.waiting.add(span, serviceName: service, now: now))
                }
            }
            if state.waiting.count > 0, state.timer == nil { state.timer = makeTimer() }
            return true
        }
        guard isTaken else {
            return .failure(
                ExportError(code: .shutDown, endpoint: "console", message: "the exporter was shut down"))
        }
        return .success()
    }

    public func forceFlush() async { state.withLock { draw($0.waiting.drain()) } }

    public func shutdown() async {
        let timer = state.withLock { state in
            state.isShutDown = true
            draw(state.waiting.drain())
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }

    /// Called with the lock held, so that trees come out whole and in order.
    private func draw(_ groups: [WaitingSpans.Group]) {
        for group in groups { sink.write(SpanTreeText.draw(group, isColoured: isColoured)) }
    }

    private func makeTimer() -> Task<Void, Never> {
        let time = time
        return Task { [weak self] in
            while let pause = self?.expired() {
                do { try await time.sleep(pause) } catch { return }
            }
        }
    }

    /// Draws what has waited long enough; gives back when to look again, nil when nothing waits any more.
    private func expired() -> Duration? {
        state.withLock { state in
            let now = time.now()
            draw(state.waiting.expire(now: now))
            guard let next = state.waiting.nextDeadline, !state.isShutDown else {
                state.timer = nil
                return nil
            }
            // A late span may have to be shown earlier than what the timer was set for.
            return min(next - now, Self.pauseMax)
        }
    }

    /// Longest sleep of the timer.
    private static let pauseMax = Duration.seconds(1)
}
