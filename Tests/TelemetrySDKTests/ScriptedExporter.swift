// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryModel
import TelemetrySDK

/// An exporter whose answers a test gives, and which can be made to hang.
final class ScriptedExporter: SpanExporter {
    struct State {
        var batches: [[String]] = []
        var running = 0
        var runningMax = 0
        var flushes = 0
        var shutdowns = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var answers: [ExportResult] = []
    }

    let state = Mutex(State())

    init(holding: Bool = false, answers: [ExportResult] = []) {
        state.withLock {
            $0.isHeld = holding
            $0.answers = answers
        }
    }

    var batches: [[String]] { state.withLock { $0.batches } }
    var names: [String] { batches.flatMap { $0 } }

    func export(_ batch: SpanBatch) async -> ExportResult {
        let names = batch.resourceSpans.flatMap { $0.scopeSpans.flatMap { $0.spans.map(\.name) } }
        state.withLock { state in
            state.batches.append(names)
            state.running += 1
            state.runningMax = max(state.runningMax, state.running)
        }
        await withCheckedContinuation { continuation in
            let passes = state.withLock { state in
                if state.isHeld { state.held.append(continuation) }
                return !state.isHeld
            }
            if passes { continuation.resume() }
        }
        return state.withLock { state in
            state.running -= 1
            return state.answers.isEmpty ? .success() : state.answers.removeFirst()
        }
    }

    /// Lets all exports go on, those to come too.
    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            let held = state.held
            state.held = []
            return held
        }
        for continuation in held { continuation.resume() }
    }

    func forceFlush() async { state.withLock { $0.flushes += 1 } }

    func shutdown() async { state.withLock { $0.shutdowns += 1 } }
}

/// An exporter whose exports end only by being cancelled, as one that waits for a receiver without end.
final class EndlessExporter: SpanExporter {
    let running = Mutex(0)
    let cancelled = Mutex(0)
    let shutdowns = Mutex(0)

    func export(_ batch: SpanBatch) async -> ExportResult {
        running.withLock { $0 += 1 }
        let never = AsyncStream<Void>.makeStream()
        // Ends with the task.
        for await _ in never.stream {}
        cancelled.withLock { $0 += 1 }
        return .failure(ExportError(code: .unreachable, endpoint: "nowhere", message: "cancelled"))
    }

    func forceFlush() async {}

    func shutdown() async { shutdowns.withLock { $0 += 1 } }
}
