// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryAPI
import TelemetrySDK

/// An exporter during whose exports as many spans end as make the next batch.
final class FeedingExporter: SpanExporter {
    let tracer = Mutex<TelemetryTracer?>(nil)
    let exports = Mutex(0)
    private let count: Int

    init(count: Int) { self.count = count }

    func export(_ batch: SpanBatch) async -> ExportResult {
        exports.withLock { $0 += 1 }
        let tracer = tracer.withLock { $0 }
        for _ in 0..<count { tracer?.startSpan("more").end() }
        return .success()
    }

    func forceFlush() async {}

    func shutdown() async {}
}

/// An immediate exporter that ends a span of its own with each export.
final class TracingExporter: ImmediateSpanExporter {
    let tracer = Mutex<TelemetryTracer?>(nil)

    func exportNow(_ batch: SpanBatch) -> ExportResult {
        let tracer = tracer.withLock { $0 }
        tracer?.startSpan("of the exporter").end()
        return .success()
    }

    func forceFlush() async {}

    func shutdown() async {}
}
