// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Testing

/// Each is a fault that was seen in a Swift SDK of 2026. Others are in the suites of the same name in
/// `TelemetrySDKTests` and `ContrailTests`.
@Suite("Known faults of others: configuration")
struct KnownFaultsOfOthersTests {
    @Test("the specification's default propagators are taken, not died of")
    func defaultPropagators() {
        let resolved = Resolving(["OTEL_PROPAGATORS": "tracecontext,baggage"])
        #expect(resolved.messages == [])
        #expect(resolved.settings.propagators.count == 2)
    }

    @Test(
        "a sampler that needs what is not there warns and goes on",
        arguments: ["jaeger_remote", "parentbased_jaeger_remote", "xray", "nonsense"])
    func unknownSampler(name: String) {
        let resolved = Resolving(["OTEL_TRACES_SAMPLER": name])
        #expect(resolved.settings.disabledBy == nil)
        #expect(resolved.settings.exporters.count == 1)
    }

    @Test("names have no case", arguments: ["ALWAYS_ON", "Always_On", "always_on"])
    func caseOfNames(name: String) {
        let resolved = Resolving(["OTEL_TRACES_SAMPLER": name])
        #expect(resolved.messages == [])
        #expect(
            "\(resolved.settings.sampler)"
                == "\(Resolving(["OTEL_TRACES_SAMPLER": "always_on"]).settings.sampler)")
    }

    @Test("lists are trimmed")
    func trimmedLists() {
        let resolved = Resolving(["OTEL_PROPAGATORS": " tracecontext , baggage "])
        #expect(resolved.messages == [])
        #expect(resolved.settings.propagators.count == 2)
    }

    @Test("headers and resource attributes are percent-decoded")
    func percentDecoding() {
        let resolved = Resolving([
            "OTEL_EXPORTER_OTLP_HEADERS": "x-team=a%20b", "OTEL_RESOURCE_ATTRIBUTES": "team=a%20b",
        ])
        #expect(resolved.otlp?.headers.map(\.value) == ["a b"])
        #expect(resolved.attribute("team") == "a b")
    }

    @Test("the resource says the SDK and a name for the service, when nobody said one")
    func resource() {
        let resolved = Resolving()
        #expect(resolved.attribute("service.name") == "unknown_service:items")
        #expect(resolved.attribute("telemetry.sdk.name") == "contrail")
        #expect(resolved.attribute("telemetry.sdk.language") == "swift")
        #expect(resolved.attribute("telemetry.sdk.version") == ContrailVersion.current)
    }

    @Test("an endpoint without port is one", arguments: ["http://collector", "https://collector/"])
    func endpointWithoutPort(endpoint: String) {
        let resolved = Resolving([
            "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        ])
        #expect(resolved.messages == [])
        #expect(resolved.otlp?.endpoint.host == "collector")
    }
}
