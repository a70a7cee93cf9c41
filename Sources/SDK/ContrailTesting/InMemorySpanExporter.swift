// SPDX-License-Identifier: Apache-2.0

import Synchronization
public import TelemetryModel
public import TelemetrySDK

/// Keeps finished spans in memory, for tests.
public final class InMemorySpanExporter: ImmediateSpanExporter {
    private struct State {
        var resourceSpans: [ResourceSpans] = []
        var isShutDown = false
    }

    private let state = Mutex(State())

    public init() {}

    /// All spans so far, in the order in which they ended.
    public var finishedSpans: [SpanData] {
        resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) }
    }

    /// All batches so far, with resources and scopes.
    public var resourceSpans: [ResourceSpans] { state.withLock { $0.resourceSpans } }

    /// Forgets what was exported so far.
    public func reset() { state.withLock { $0.resourceSpans = [] } }

    public func exportNow(_ batch: SpanBatch) -> ExportResult {
        let spans = batch.resourceSpans
        return state.withLock { state in
            guard !state.isShutDown else {
                return .failure(ExportError(code: .shutDown, endpoint: "memory:", message: "is shut down"))
            }
            state.resourceSpans += spans
            return .success()
        }
    }

    public func forceFlush() async {}

    public func shutdown() async { state.withLock { $0.isShutDown = true } }
}
