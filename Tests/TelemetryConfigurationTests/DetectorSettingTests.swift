// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryConfiguration
import TelemetryModel
import TelemetryResources
import Testing

private struct Fixed: ResourceDetector {
    var name: String { "fixed" }

    func detect(in surroundings: DetectionSurroundings) -> Resource { Resource() }
}

@Suite("Configuration: detectors and entities")
struct DetectorSettingTests {
    /// Which detectors are asked.
    private func asked(_ environment: [String: String], code: TelemetrySettings = TelemetrySettings())
        -> [String]
    {
        var asked: [String] = []
        _ = ResolvedSettings.resolve(
            code, environment: environment, process: .init(executableName: "items", instanceID: "i"),
            detect: { detectors in
                asked = detectors.map(\.name)
                return .init()
            })
        return asked
    }

    private func resource(
        _ environment: [String: String], found: Resource = Resource(),
        code change: (inout TelemetrySettings) -> Void = { _ in }
    ) -> (resource: Resource, warnings: [String]) {
        var code = TelemetrySettings()
        change(&code)
        let (settings, warnings) = ResolvedSettings.resolve(
            code, environment: environment, process: .init(executableName: "items", instanceID: "i"),
            detect: { _ in
                var findings = ResourceDetection.Findings()
                findings.resource = found
                return findings
            })
        return (settings.resource, warnings.map(\.description))
    }

    @Test(
        "code chooses the detectors, then the variable, then all of ours run; who is switched off asks none")
    func selection() {
        let variable = "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS"
        #expect(asked([:]) == ["process", "host", "container", "k8s"])
        #expect(asked([variable: "os, Container"]) == ["os", "container"])
        #expect(asked([variable: "all"]) == asked([:]))
        #expect(asked([variable: "none"]) == [])
        var code = TelemetrySettings()
        code.resourceDetectors = [.custom(Fixed()), .host]
        #expect(asked([variable: "none"], code: code) == ["fixed", "host"])
        #expect(asked(["OTEL_SDK_DISABLED": "true"]) == [])
    }

    @Test("what is said wins over what is found, and the schema of what was found stays")
    func precedence() {
        let found = Resource(
            attributes: ["host.name": "found", "service.name": "found", "os.type": "linux"],
            schemaURL: "https://s/1")
        let resource = resource(["OTEL_RESOURCE_ATTRIBUTES": "host.name=said"], found: found) {
            $0.service.namespace = "shop"
        }.resource
        #expect(resource.attributes["host.name"] == "said")
        #expect(resource.attributes["os.type"] == "linux")
        #expect(resource.serviceName == "found")
        #expect(resource.attributes["service.namespace"] == "shop")
        #expect(resource.schemaURL == "https://s/1")
    }

    @Test("what a detector could not do is a warning")
    func problems() {
        let (settings, warnings) = ResolvedSettings.resolve(
            environment: [:], process: .init(executableName: "items", instanceID: "i"),
            detect: { _ in
                ResourceDetection.run(
                    [FailingDetector()], in: DetectionSurroundings(environment: [:], root: "/nonexistent"))
            })
        #expect(settings.resource.serviceName == "unknown_service:items")
        #expect(
            warnings.map(\.description)
                == ["resource detector failing failed: no luck; using what the others found"])
    }

    private struct FailingDetector: ResourceDetector {
        var name: String { "failing" }

        func detect(in surroundings: DetectionSurroundings) throws -> Resource {
            throw DetectionError("no luck")
        }
    }

    @Test("OTEL_ENTITIES gives the resource its entities, decoded")
    func entities() {
        let text =
            ";service{service.name=my%2Capp,service.instance.id=1}[config=key%3Dvalue%5Bprod%5D]"
            + "@https://opentelemetry.io/schemas/1.21.0;; host{host.id=h-1} ;"
        let (resource, warnings) = resource(
            ["OTEL_ENTITIES": text], found: Resource(attributes: ["host.id": "other"]))
        #expect(warnings == [])
        #expect(
            resource.entities == [
                Entity(
                    type: "service", id: ["service.name": "my,app", "service.instance.id": "1"],
                    description: ["config": "key=value[prod]"],
                    schemaURL: "https://opentelemetry.io/schemas/1.21.0"),
                Entity(type: "host", id: ["host.id": "h-1"]),
            ])
        #expect(resource.serviceName == "my,app")
        #expect(resource.attributes["host.id"] == "h-1")
        #expect(resource.attributes["telemetry.sdk.name"] == "contrail")
        #expect(
            EnvironmentEntityDetector().detect(
                in: DetectionSurroundings(environment: ["OTEL_ENTITIES": text])
            ).entities
                == resource.entities)
    }

    @Test("a service that is named otherwise is no longer the entity of the environment")
    func contradicted() {
        let (resource, _) = resource([
            "OTEL_ENTITIES": "service{service.name=a}[service.version=1];host{host.id=h}",
            "OTEL_SERVICE_NAME": "b",
        ])
        #expect(resource.entities.map(\.type) == ["host"])
        #expect(resource.serviceName == "b")
        #expect(resource.attributes["service.version"] == nil)
    }

    @Test(
        "what is malformed is left out and said, the rest is used",
        arguments: [
            ("service{};host{host.id=1}", ["host"]),
            ("service{service.name=a};invalid{syntax;host{host.id=1}", ["service", "host"]),
            ("{a=b};host{host.id=1}", ["host"]), ("9x{a=b};host{host.id=1}", ["host"]),
            ("service{service.name=%zz};host{host.id=1}", ["host"]),
            ("host{host.id=1}[a=b;service{a=b}", ["service"]),
            ("host{host.id=1}@no-url", ["host"]), ("host{host.id=1}x", []), ("host{host.id=1,host.id}", []),
            ("host{a=b=c}", []), ("host{host.id=1};host{host.id=2}", ["host"]), ("host", []),
            ("a{a.id=1}[x=1];b{b.id=1}[x=2]", ["a", "b"]),
        ])
    func malformed(text: String, types: [String]) {
        let (resource, warnings) = resource(["OTEL_ENTITIES": text])
        #expect(resource.entities.map(\.type) == types)
        #expect(!warnings.isEmpty)
        #expect(warnings.allSatisfy { $0.hasPrefix("OTEL_ENTITIES") })
    }

    @Test("of an entity that stands twice the last counts, of contradicting descriptions the last entity's")
    func duplicates() {
        let twice = resource(["OTEL_ENTITIES": "service{service.name=a}[v=1];service{service.name=a}[v=2]"])
            .resource
        #expect(
            twice.entities == [Entity(type: "service", id: ["service.name": "a"], description: ["v": "2"])])
        let two = resource(["OTEL_ENTITIES": "a{a.id=1}[x=1,y=1];b{b.id=1}[x=2]"]).resource
        #expect(two.entities.map(\.description) == [["y": "1"], ["x": "2"]])
    }
}
