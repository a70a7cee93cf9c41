// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Foundation
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Testing
import Tracing

@Suite("Processors of a provider")
struct ProcessorListTests {
    let scope = TelemetryScope("com.example.processor-list-tests")

    /// Waits within its onEnd until it is let go; on a thread of its own, since those of tasks are few.
    final class Waiting: SpanProcessor {
        let isInside = Mutex(false)
        let mayGo = Mutex(false)
        let hasLeft = Mutex(false)
        let ended = Mutex(0)

        func onEnd(_ span: FinishedSpan) {
            ended.withLock { $0 += 1 }
            guard span.name == "waits" else { return }
            isInside.withLock { $0 = true }
            while !mayGo.withLock({ $0 }) { usleep(100) }  // polls: a processor cannot await
            hasLeft.withLock { $0 = true }
        }
    }

    @Test("a processor that is busy on one thread holds up no other thread")
    func noSharedLock() async {
        let waiting = Waiting()
        let provider = TracerProvider(processors: [waiting, BatchSpanProcessor(exporter: ScriptedExporter())])
        let tracer = provider.tracer(scope)
        Thread.detachNewThread { tracer.startSpan("waits").end() }
        #expect(await eventually { waiting.isInside.withLock { $0 } })
        for _ in 0..<100 { tracer.startSpan("passes").end() }
        #expect(waiting.ended.withLock { $0 } == 101)
        waiting.mayGo.withLock { $0 = true }
        #expect(await eventually { waiting.hasLeft.withLock { $0 } })
    }

    @Test(
        "a processor is let go when the provider has been shut down, but not from under a span that is with it"
    )
    func letGo() async {
        weak var kept: Waiting?
        do {
            let waiting = Waiting()
            kept = waiting
            let provider = TracerProvider(processors: [waiting, RecordedCalls()])
            let tracer = provider.tracer(scope)
            Thread.detachNewThread { tracer.startSpan("waits").end() }
            #expect(await eventually { waiting.isInside.withLock { $0 } })
            #expect(await provider.shutdown() == FlushReport(.completed))
        }
        #expect(kept != nil)
        kept?.mayGo.withLock { $0 = true }
        #expect(await eventually { kept == nil })
    }

    @Test("a shutdown among spans of many threads neither crashes nor tells a processor of a span twice")
    func shutdownUnderLoad() async {
        for _ in 0..<50 {
            let counting = Waiting()
            let provider = TracerProvider(processors: [counting, RecordedCalls()])
            let tracer = provider.tracer(scope)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { for _ in 0..<100 { tracer.startSpan("span").end() } } }
                group.addTask { _ = await provider.shutdown() }
            }
            #expect(counting.ended.withLock { $0 } <= 400)
        }
    }

    @Test("a span that ends after the shutdown is counted with its reason by every exporting processor")
    func endedTooLate() async {
        for others in [[], [RecordedCalls()], [BatchSpanProcessor(exporter: ScriptedExporter())]]
            as [[any SpanProcessor]]
        {
            let atOnce = SimpleSpanProcessor(exporter: AtOnce())
            let queued = SimpleSpanProcessor(exporter: ScriptedExporter())
            let batch = BatchSpanProcessor(exporter: ScriptedExporter())
            let counts = [{ atOnce.counts }, { queued.counts }, { batch.counts }]
            for (index, processor) in ([atOnce, queued, batch] as [any SpanProcessor]).enumerated() {
                let provider = TracerProvider(processors: [processor] + others)
                let late = provider.tracer(scope).startSpan("late")
                #expect(await provider.shutdown().outcome <= .alreadyShutDown)
                late.end()
                let counts = counts[index]()
                #expect(counts.droppedByReason == [.shutDown: 1], "\(type(of: processor)), \(others.count)")
                #expect(counts.created == 1)
            }
        }
    }

    private struct AtOnce: ImmediateSpanExporter {
        func exportNow(_ batch: SpanBatch) -> ExportResult { .success() }
        func forceFlush() async {}
        func shutdown() async {}
    }

    @Test("several batch processors and others are told in the order of registration")
    func mixed() async {
        let first = ScriptedExporter()
        let second = ScriptedExporter()
        let seen = RecordedCalls()
        let provider = TracerProvider(processors: [
            BatchSpanProcessor(exporter: first), seen, BatchSpanProcessor(exporter: second),
        ])
        for index in 0..<20 { provider.tracer(scope).startSpan("\(index)").end() }
        #expect(await provider.shutdown() == FlushReport(.completed))
        #expect(first.names == (0..<20).map { "\($0)" })
        #expect(second.names == first.names)
        #expect(seen.calls.filter { $0.hasPrefix("end ") } == (0..<20).map { "end \($0)" })
    }

    @Test("without processors nothing is recorded, and the parent's context is passed on")
    func nobody() {
        let provider = TracerProvider(processors: [])
        let tracer = provider.tracer(scope)
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 1), traceFlags: .sampled, isRemote: true)
        let span = tracer.startSpan("span", context: context)
        #expect(!tracer.isEnabled)
        #expect(!span.isRecording)
        #expect(span.context == context.spanContext)
        #expect(!tracer.startSpan("root", isRoot: true).context.isValid)
        let bridged = provider.tracingTracer(propagator: CompositePropagator.none).startSpan(
            "span", context: context)
        #expect(!bridged.isRecording)
        #expect(bridged.context.spanContext == context.spanContext)
    }
}
