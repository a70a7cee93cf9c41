// SPDX-License-Identifier: Apache-2.0

import Contrail
import Dispatch
import Instrumentation
import Logging
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Tracing

/// What is measured, by name. `api` goes through TelemetryAPI, `sdt` through swift-distributed-tracing with a held
/// tracer, `noop` through its no-op tracer, `disabled` through what a switched-off Contrail leaves installed.
struct Workloads {
    struct Workload {
        let name: String
        let body: @Sendable (Int) -> Void
    }

    private let processor: BatchSpanProcessor
    private let recording: TracerProvider
    private let dropping: TracerProvider
    private let scope = TelemetryScope("benchmark", version: "1.0.0")

    /// - Parameter queueSize: spans of one round, so that none is dropped: a dropped span would be cheaper.
    init(queueSize: Int) {
        processor = BatchSpanProcessor(
            exporter: DiscardingExporter(), configuration: .init(queueSize: queueSize * 3))
        let resource = Resource(attributes: ["service.name": "benchmark"])
        recording = TracerProvider(resource: resource, processors: [processor])
        dropping = TracerProvider(resource: resource, sampler: AlwaysOffSampler(), processors: [processor])
    }

    func flush() {
        let done = DispatchSemaphore(value: 0)
        let provider = recording
        Task.detached {
            _ = await provider.forceFlush()
            done.signal()
        }
        done.wait()
    }

    /// Says so when spans were dropped: the figures would flatter.
    func drops() -> [String] {
        let counts = processor.counts
        return counts.dropped > 0 ? ["\(counts.dropped) spans were dropped: \(counts)"] : []
    }

    var all: [Workload] {
        let sdt = recording.tracingTracer(propagator: CompositePropagator.none)
        let sdtOff = dropping.tracingTracer(propagator: CompositePropagator.none)
        let noop = NoOpTracer()
        let api = recording.tracer(scope)
        let apiOff = dropping.tracer(scope)
        return [
            Workload(name: "api/root") { Self.root(api, $0) },
            Workload(name: "api/full") { Self.full(api, $0) },
            Workload(name: "api/nested3") { Self.nested(api, $0) },
            Workload(name: "sdt/root") { Self.root(sdt, $0) },
            Workload(name: "sdt/full") { Self.full(sdt, $0) },
            Workload(name: "sdt/nested3") { Self.nested(sdt, $0) },
            Workload(name: "api/always_off") { Self.root(apiOff, $0) },
            Workload(name: "sdt/always_off") { Self.root(sdtOff, $0) },
            Workload(name: "disabled/root") { Self.root(Self.disabled, $0) },
            Workload(name: "disabled/full") { Self.full(Self.disabled, $0) },
            Workload(name: "noop/root") { Self.root(noop, $0) },
            Workload(name: "noop/full") { Self.full(noop, $0) },
            Workload(name: "noop/nested3") { Self.nested(noop, $0) },
            Workload(name: "log/plain") { Self.log(in: sdt, provider: nil, $0) },
            Workload(name: "log/in_span") { Self.log(in: sdt, provider: .contrail, $0) },
            Workload(name: "log/own_plain") { Self.ownLog(in: nil, $0) },
            Workload(name: "log/own_in_span") { Self.ownLog(in: sdt, $0) },
        ]
    }

    /// Through the global functions; a process has one global tracer, so these run in one of their own.
    var global: [Workload] {
        [
            Workload(name: "noop/nested3_global") { Self.nestedGlobal($0) },
            Workload(name: "sdt/nested3_global") { [recording] count in
                Self.install(recording)
                Self.nestedGlobal(count)
            },
        ]
    }

    /// What two threads do at once.
    var shared: [Workload] {
        let sdt = recording.tracingTracer(propagator: CompositePropagator.none)
        let api = recording.tracer(scope)
        return [
            Workload(name: "api/root") { Self.root(api, $0) },
            Workload(name: "sdt/root") { Self.root(sdt, $0) },
            Workload(name: "api/full") { Self.full(api, $0) },
            Workload(name: "sdt/full") { Self.full(sdt, $0) },
        ]
    }

    private static let installed = Mutex(false)

    private static func install(_ provider: TracerProvider) {
        let wasInstalled = installed.withLock { isInstalled in
            defer { isInstalled = true }
            return isInstalled
        }
        guard !wasInstalled else { return }
        InstrumentationSystem.bootstrap(provider.tracingTracer(propagator: CompositePropagator.none))
    }

    /// What a program with `OTEL_SDK_DISABLED=true` calls.
    private static let disabled: any Tracer = {
        let telemetry = try? Contrail.start { $0.isEnabled = false }
        return withExtendedLifetime(telemetry) { InstrumentationSystem.tracer }
    }()
}
