// SPDX-License-Identifier: Apache-2.0

import TelemetryAPI
import TelemetryConfiguration
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Testing

@Suite("Configuration: who decides")
struct PrecedenceTests {
    @Test("code wins over the environment, setting by setting")
    func codeWins() throws {
        let resolving = Resolving([
            "OTEL_TRACES_SAMPLER": "always_off", "OTEL_PROPAGATORS": "b3", "OTEL_TRACES_EXPORTER": "none",
            "OTEL_BSP_MAX_QUEUE_SIZE": "7", "OTEL_BSP_SCHEDULE_DELAY": "7",
            "OTEL_SERVICE_NAME": "environment",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://environment",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "7", "OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_LOG_LEVEL": "none",
        ]) { settings in
            settings.service = .init(name: "items", version: "1.4.0", environment: "staging")
            settings.traces.sampler = .parentBased(root: .traceIDRatio(0.1))
            settings.propagators = [.jaeger]
            settings.exporters = [
                .otlp(.grpc, to: "http://code:1", headers: ["B": "2"], timeout: .seconds(3))
            ]
            settings.traces.batch.maxQueueSize = 9_000
            settings.diagnosticLevel = .trace
        }
        #expect(resolving.warnings.isEmpty)
        #expect(resolving.settings.sampler.description == "parentbased_traceidratio{0.1}")
        #expect(resolving.settings.propagators.map(\.description) == ["jaeger"])
        #expect(resolving.settings.batch.maxQueueSize == 9_000)
        #expect(resolving.settings.diagnosticLevel == .trace)
        // What the code leaves out stays with the environment.
        #expect(resolving.settings.batch.scheduleDelay == .milliseconds(7))
        let otlp = try #require(resolving.otlp)
        #expect(otlp.transport == .grpc)
        #expect(otlp.endpoint.url == "http://code:1")
        #expect(otlp.timeout == .seconds(3))
        #expect(otlp.headers.map(\.name) == ["b"])
        #expect(resolving.attribute("service.name") == "items")
        #expect(resolving.origin(of: "service.name") == .code)
        #expect(resolving.origin(of: "sampler") == .code)
        #expect(resolving.origin(of: "batch.schedule_delay") == .environment("OTEL_BSP_SCHEDULE_DELAY"))
    }

    @Test("an exporter in code takes what it leaves out from the environment")
    func partlyInCode() throws {
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:1", "OTEL_EXPORTER_OTLP_HEADERS": "a=1",
        ]
        let otlp = try #require(Resolving(environment) { $0.exporters = [.otlp(timeout: .seconds(1))] }.otlp)
        #expect(otlp.endpoint.url == "http://collector:1/v1/traces")
        #expect(otlp.headers.map(\.name) == ["a"])
        #expect(otlp.timeout == .seconds(1))
    }

    @Test("an address in code is a base, unless it says exactly")
    func addressInCode() {
        let base = Resolving { $0.exporters = [.otlp(to: "http://collector:1/base")] }
        #expect(base.otlp?.endpoint.url == "http://collector:1/base/v1/traces")
        let exact = Resolving { $0.exporters = [.otlp(exactly: "http://collector:1/base")] }
        #expect(exact.otlp?.endpoint.url == "http://collector:1/base")
    }

    @Test("the operator's switch holds whatever the code says, and the code's switch too")
    func switches() {
        #expect(
            Resolving(["OTEL_SDK_DISABLED": "true"]) { $0.isEnabled = true }.settings.disabledBy
                == .environment("OTEL_SDK_DISABLED"))
        #expect(Resolving(["OTEL_ENABLED": "true"]) { $0.isEnabled = false }.settings.disabledBy == .code)
        #expect(
            Resolving(["OTEL_ENABLED": "false", "OTEL_SDK_DISABLED": "true"]).settings.disabledBy
                == .environment("OTEL_ENABLED"))
    }

    @Test("a bad value in code warns and falls back like one of the environment")
    func badCode() {
        let resolving = Resolving(["OTEL_BSP_MAX_QUEUE_SIZE": "100"]) { settings in
            settings.traces.batch = .init(
                scheduleDelay: .zero, exportTimeout: .seconds(-1), maxQueueSize: -1, maxExportBatchSize: 0)
            settings.traces.sampler = .traceIDRatio(.nan)
            settings.exporters = [.otlp(to: "nowhere", headers: ["a": "1\r\nevil: 1"], timeout: .seconds(-1))]
        }
        #expect(resolving.settings.batch.maxQueueSize == 100)
        #expect(resolving.settings.batch.maxExportBatchSize == 100)
        #expect(resolving.settings.batch.scheduleDelay == .seconds(5))
        #expect(resolving.settings.batch.exportTimeout == .seconds(30))
        #expect(resolving.settings.sampler.description == "parentbased_always_on")
        #expect(resolving.otlp?.endpoint.url == "http://localhost:4318/v1/traces")
        #expect(resolving.otlp?.headers.isEmpty == true)
        #expect(resolving.warnings.count == 8)
        #expect(
            resolving.messages.contains(
                "settings.traces.batch.maxQueueSize=\"-1\" is not in 1...1000000; using 100"))
        #expect(!resolving.messages.contains { $0.contains("evil") })
    }

    @Test("a propagator and an exporter of one's own are taken")
    func custom() {
        let resolving = Resolving { settings in
            settings.propagators = [.custom(CompositePropagator.none)]
            settings.exporters = []
        }
        #expect(resolving.settings.propagators.map(\.description) == ["CompositePropagator"])
        #expect(resolving.settings.exporters.isEmpty)
    }
}
