// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetrySDK

/// A processor that keeps what it was told.
final class RecordedCalls: SpanProcessor {
    private let state = Mutex<[String]>([])
    private let prefix: String
    private let change: @Sendable (TelemetrySpan) -> Void

    init(_ prefix: String = "", change: @escaping @Sendable (TelemetrySpan) -> Void = { _ in }) {
        self.prefix = prefix
        self.change = change
    }

    var calls: [String] { state.withLock { $0 } }

    private func add(_ call: String) { state.withLock { $0.append(prefix + call) } }

    func onStart(_ span: TelemetrySpan, parentContext: ServiceContext) {
        add("start span")
    }

    func onEnding(_ span: TelemetrySpan) {
        change(span)
        add("ending span")
    }

    func onEnd(_ span: FinishedSpan) { add("end \(span.name)") }

    func forceFlush(timeout: Duration) async -> FlushReport {
        add("flush")
        return FlushReport(.completed)
    }

    func shutdown(timeout: Duration) async -> FlushReport {
        add("shutdown")
        return FlushReport(.completed)
    }
}
