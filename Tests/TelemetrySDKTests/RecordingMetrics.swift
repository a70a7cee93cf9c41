// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Synchronization

/// A metrics backend that keeps what it is told, by name and attributes: `otel.sdk.x{error.type=y}`.
///
/// The names of components are left out: their numbers count all that this process has made.
final class RecordingMetrics: MetricsFactory {
    private struct State {
        var made = 0
        var counters: [String: Int64] = [:]
        var meters: [String: [Double]] = [:]
        var timers: [String: [Int64]] = [:]
        var components: Set<String> = []
    }

    private let state = Mutex(State())

    /// Instruments that were asked for.
    var made: Int { state.withLock(\.made) }
    var counters: [String: Int64] { state.withLock(\.counters) }
    /// All values of each, in order.
    var meters: [String: [Double]] { state.withLock(\.meters) }
    var timers: [String: [Int64]] { state.withLock(\.timers) }
    /// What was given as `otel.component.name`.
    var components: Set<String> { state.withLock(\.components) }

    private func key(_ label: String, _ dimensions: [(String, String)]) -> String {
        let shown = dimensions.filter { $0.0 != "otel.component.name" && $0.0 != "otel.component.type" }
        state.withLock { state in
            state.made += 1
            state.components.formUnion(dimensions.filter { $0.0 == "otel.component.name" }.map(\.1))
        }
        return shown.isEmpty ? label : "\(label){\(shown.map { "\($0.0)=\($0.1)" }.joined(separator: ","))}"
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(key: key(label, dimensions), metrics: self)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        Handler(key: key(label, dimensions), metrics: self)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Handler(key: key(label, dimensions), metrics: self)
    }

    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { NOOPMetricsHandler.instance }

    func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler { NOOPMetricsHandler.instance }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private final class Handler: CounterHandler, MeterHandler, TimerHandler {
        let key: String
        let metrics: RecordingMetrics

        init(key: String, metrics: RecordingMetrics) {
            self.key = key
            self.metrics = metrics
        }

        func increment(by amount: Int64) {
            metrics.state.withLock { $0.counters[key, default: 0] += amount }
        }

        func reset() {}
        func set(_ value: Int64) { set(Double(value)) }
        func set(_ value: Double) { metrics.state.withLock { $0.meters[key, default: []].append(value) } }
        func increment(by amount: Double) {}
        func decrement(by amount: Double) {}

        func recordNanoseconds(_ duration: Int64) {
            metrics.state.withLock { $0.timers[key, default: []].append(duration) }
        }
    }
}
