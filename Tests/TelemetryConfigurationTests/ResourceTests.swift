// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetryModel
import Testing

@Suite("Configuration: resource")
struct ResourceTests {
    @Test("without a word the resource says the program, the instance and the SDK")
    func defaults() {
        let resolving = Resolving()
        #expect(
            resolving.settings.resource.attributes.map(\.key) == [
                "service.name", "service.instance.id", "telemetry.sdk.name", "telemetry.sdk.language",
                "telemetry.sdk.version",
            ])
        #expect(resolving.attribute("service.name") == "unknown_service:items")
        #expect(resolving.attribute("service.instance.id") == "i-1")
        #expect(resolving.attribute("telemetry.sdk.name") == "contrail")
        #expect(resolving.attribute("telemetry.sdk.language") == "swift")
    }

    @Test("a program without a name is an unknown service")
    func noProgram() {
        let (settings, _) = ResolvedSettings.resolve(
            environment: [:], process: .init(executableName: "", instanceID: "i"))
        #expect(settings.resource.serviceName == "unknown_service")
    }

    @Test("attributes are percent-decoded and trimmed")
    func attributes() {
        let resolving = Resolving([
            "OTEL_RESOURCE_ATTRIBUTES": " team = caf%C3%A9%2Cbar , empty=,service.version=1.2,eq=a=b,"
        ])
        #expect(resolving.warnings.isEmpty)
        #expect(resolving.attribute("team") == "café,bar")
        #expect(resolving.attribute("empty") == "")
        #expect(resolving.attribute("service.version") == "1.2")
        #expect(resolving.attribute("eq") == "a=b")
    }

    @Test(
        "any error discards all attributes, and says so",
        arguments: ["a=1,b", "a=1,=2", "a=1,b=%zz", "a=1,b=%f", "a=1,b=%ff", "a=1,%=x"])
    func discarded(text: String) {
        let resolving = Resolving(["OTEL_RESOURCE_ATTRIBUTES": text])
        #expect(resolving.settings.resource == Resolving().settings.resource)
        #expect(resolving.warnings.count == 1)
        #expect(resolving.messages.first?.contains("all of it is discarded; using none of it") == true)
    }

    @Test("the name: code, then OTEL_SERVICE_NAME, then OTEL_RESOURCE_ATTRIBUTES")
    func name() {
        let attributes = ["OTEL_RESOURCE_ATTRIBUTES": "service.name=attributes"]
        let both = attributes.merging(["OTEL_SERVICE_NAME": "variable"]) { $1 }
        #expect(Resolving(attributes).attribute("service.name") == "attributes")
        #expect(Resolving(attributes).origin(of: "service.name") == .environment("OTEL_RESOURCE_ATTRIBUTES"))
        #expect(Resolving(both).attribute("service.name") == "variable")
        #expect(
            Resolving(both) { $0.resourceAttributes["service.name"] = "loose" }.attribute("service.name")
                == "loose")
        #expect(Resolving(both) { $0.service.name = "code" }.attribute("service.name") == "code")
        #expect(Resolving(both) { $0.service.name = "" }.attribute("service.name") == "variable")
    }

    @Test("code wins over OTEL_RESOURCE_ATTRIBUTES, and adds to it")
    func merged() {
        let resolving = Resolving(["OTEL_RESOURCE_ATTRIBUTES": "a=1,b=2,telemetry.sdk.name=fake"]) {
            settings in
            settings.resourceAttributes = ["b": 3, "c": true]
            settings.service.instanceID = "pod-7"
        }
        let attributes = resolving.settings.resource.attributes
        #expect(attributes["a"] == "1")
        #expect(attributes["b"] == 3)
        #expect(attributes["c"] == true)
        #expect(attributes["service.instance.id"] == "pod-7")
        #expect(attributes["telemetry.sdk.name"] == "contrail")
    }

    @Test("the environment stands under its new and its old name")
    func environment() {
        for resolving in [
            Resolving { $0.service.environment = "staging" },
            Resolving(["OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=staging"]),
            Resolving(["OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=staging"]),
            Resolving(["OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=x"]) {
                $0.service.environment = "staging"
            },
        ] {
            #expect(resolving.attribute("deployment.environment.name") == "staging")
            #expect(resolving.attribute("deployment.environment") == "staging")
        }
    }
}
