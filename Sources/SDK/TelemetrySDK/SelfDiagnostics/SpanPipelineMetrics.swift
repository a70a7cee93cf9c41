// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// What a batch processor and its exporter tell of themselves through swift-metrics, if the program has a backend for
/// it: told by the worker for each batch, so that a span costs nothing more.
///
/// `otel.sdk.span.started` and `.live` are not among them: counting the spans that are never recorded would cost each
/// of them. Source: semantic conventions 1.44, "SDK metrics" (development).
final class SpanPipelineMetrics: Sendable {
    /// What tells instruments apart.
    private struct Key: Hashable {
        var name: String
        var errorType: String?
        var status: ExportObservation.Status?
    }

    private struct State {
        var factory: (any MetricsFactory)?
        var counters: [Key: Counter] = [:]
        var meters: [String: Meter] = [:]
        var timers: [Key: Timer] = [:]
    }

    private let processor = SDKComponent(type: "batching_span_processor")
    private let exporter: SDKComponent
    private let capacity: Int
    private let state = Mutex(State())

    init(exporter: any SpanExporter, capacity: Int) {
        self.exporter = SDKComponent(exporter: exporter)
        self.capacity = capacity
        // Now, for the factory may be that of a task.
        _ = isOn
    }

    /// Whether the program has a backend. Asked each time until it has: it may choose one after the start.
    var isOn: Bool {
        state.withLock { state in
            if state.factory != nil { return true }
            let factory = MetricsSystem.factory
            guard !(factory is NOOPMetricsHandler) else { return false }
            state.factory = factory
            return true
        }
    }

    /// A batch goes to the exporter.
    // "For batching processors, all spans in the batch passed to the exporter are counted at that point".
    func passed(_ count: Int, waiting: Int) {
        self.count(count, Key(name: "otel.sdk.processor.span.processed"), of: processor)
        set("otel.sdk.exporter.span.inflight", count, of: exporter)
        waits(waiting)
    }

    /// Spans that wait.
    func waits(_ count: Int) {
        set("otel.sdk.processor.span.queue.size", count, of: processor)
        set("otel.sdk.processor.span.queue.capacity", capacity, of: processor)
    }

    /// Spans that the processor did not pass on.
    func refused(_ count: Int, _ errorType: String) {
        self.count(count, Key(name: "otel.sdk.processor.span.processed", errorType: errorType), of: processor)
    }

    /// What became of a batch; nanoseconds from the beginning of the export, nil when it is not over.
    func exported(
        _ delivered: Int, failed: Int, errorType: String?, status: ExportObservation.Status?,
        nanoseconds: UInt64?
    ) {
        self.count(delivered, Key(name: "otel.sdk.exporter.span.exported"), of: exporter)
        self.count(failed, Key(name: "otel.sdk.exporter.span.exported", errorType: errorType), of: exporter)
        set("otel.sdk.exporter.span.inflight", 0, of: exporter)
        guard let nanoseconds else { return }
        let key = Key(name: "otel.sdk.exporter.operation.duration", errorType: errorType, status: status)
        timer(key, of: exporter)?.recordNanoseconds(Int64(clamping: nanoseconds))
    }

    // MARK: Instruments

    private func count(_ count: Int, _ key: Key, of component: SDKComponent) {
        guard count > 0, isOn else { return }
        let counter = state.withLock { state -> Counter? in
            if let counter = state.counters[key] { return counter }
            guard let factory = state.factory else { return nil }
            let counter = Counter(label: key.name, dimensions: dimensions(key, component), factory: factory)
            state.counters[key] = counter
            return counter
        }
        counter?.increment(by: count)
    }

    private func set(_ name: String, _ value: Int, of component: SDKComponent) {
        guard isOn else { return }
        let meter = state.withLock { state -> Meter? in
            if let meter = state.meters[name] { return meter }
            guard let factory = state.factory else { return nil }
            let meter = Meter(label: name, dimensions: component.dimensions, factory: factory)
            state.meters[name] = meter
            return meter
        }
        meter?.set(value)
    }

    private func timer(_ key: Key, of component: SDKComponent) -> Timer? {
        guard isOn else { return nil }
        return state.withLock { state in
            if let timer = state.timers[key] { return timer }
            guard let factory = state.factory else { return nil }
            let timer = Timer(
                label: key.name, dimensions: dimensions(key, component), preferredDisplayUnit: .seconds,
                factory: factory)
            state.timers[key] = timer
            return timer
        }
    }

    private func dimensions(_ key: Key, _ component: SDKComponent) -> [(String, String)] {
        var dimensions = component.dimensions
        if let errorType = key.errorType { dimensions.append(("error.type", errorType)) }
        switch key.status {
        case .http(let code): dimensions.append(("http.response.status_code", "\(code)"))
        case .grpc(let code): dimensions.append(("rpc.status_code", code))
        case nil: break
        }
        return dimensions
    }
}
