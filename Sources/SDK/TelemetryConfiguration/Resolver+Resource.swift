// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryResources
import TelemetrySDK

extension Resolver {
    // "The SDK MUST extract information from the OTEL_RESOURCE_ATTRIBUTES environment variable and merge
    // this, as the secondary resource, with any resource information provided by the user, i.e. the user
    // provided resource information has higher priority."
    mutating func resource(
        _ code: TelemetrySettings, process: ResolvedSettings.Process, detected: ResourceDetection.Findings
    ) -> Resource {
        for problem in detected.problems {
            warn(
                "resource detector \(problem.detector)", value: nil, problem.text,
                using: "what the others found")
        }
        let entities = entities()
        var inEnvironment = Attributes()
        if case .pairs(let pairs) = read(.resourceAttributes, else: "none of it") {
            for pair in pairs { inEnvironment[pair.key] = .string(pair.value) }
        }
        // "service.name … MUST be unknown_service: concatenated with process.executable.name"
        let program = process.executableName
        let unknown = program.isEmpty ? "unknown_service" : "unknown_service:\(program)"
        let variable = readText(.serviceName, else: unknown)
        // An empty name in code is no name: the specification asks for one.
        let inCode = code.service.name.flatMap { $0.isEmpty ? nil : $0 }

        // What nobody said, what was found, and the entities; what is said in words comes on top of it.
        let base = Resource(
            attributes: [
                "service.name": .string(unknown), "service.instance.id": .string(process.instanceID),
            ]
        ).merging(detected.resource).merging(Resource(entities: entities))
        var nameOrigin = SettingOrigin.standard
        if entities.contains(where: { $0.id["service.name"] != nil }) {
            nameOrigin = .environment(Variable.entities.name)
        }
        var attributes = Attributes()
        for attribute in inEnvironment { attributes[attribute.key] = attribute.value }
        if inEnvironment["service.name"] != nil {
            nameOrigin = .environment(Variable.resourceAttributes.name)
        }
        // "If service.name is also provided in OTEL_RESOURCE_ATTRIBUTES, then OTEL_SERVICE_NAME takes
        // precedence."
        if let variable {
            attributes["service.name"] = .string(variable)
            nameOrigin = .environment(Variable.serviceName.name)
        }
        for attribute in code.resourceAttributes { attributes[attribute.key] = attribute.value }
        if code.resourceAttributes["service.name"] != nil { nameOrigin = .code }
        if let inCode {
            attributes["service.name"] = .string(inCode)
            nameOrigin = .code
        }
        if let namespace = code.service.namespace { attributes["service.namespace"] = .string(namespace) }
        if let version = code.service.version { attributes["service.version"] = .string(version) }
        if let instance = code.service.instanceID { attributes["service.instance.id"] = .string(instance) }
        setEnvironment(of: &attributes, inEnvironment: inEnvironment, code: code)
        // "MUST have … telemetry.sdk.*"; the name is our own, `opentelemetry` is reserved.
        attributes["telemetry.sdk.name"] = "contrail"
        attributes["telemetry.sdk.language"] = "swift"
        attributes["telemetry.sdk.version"] = .string(ContrailVersion.current)

        let resource = base.merging(Resource(attributes: attributes))
        if let name = resource.serviceName { note("service.name", name, nameOrigin) }
        return resource
    }

    /// The entities that the environment names.
    private mutating func entities() -> [Entity] {
        guard let text = raw(.entities) else { return [] }
        let list = EntityList(text)
        for problem in list.problems {
            warn(Variable.entities.name, value: problem.part, problem.text, using: "the other entities")
        }
        return list.entities
    }

    mutating func detectors(_ code: TelemetrySettings) -> [ResourceDetectorSetting] {
        var variable: [ResourceDetectorSetting]?
        if case .list(let names) = read(.resourceDetectors, else: Variable.resourceDetectors.standard) {
            // "none" is no detector's name and so leaves the empty list.
            variable =
                names.contains("all")
                ? ResourceDetectorSetting.standard : names.compactMap { ResourceDetectorSetting(name: $0) }
        }
        let (chosen, origin) = choose(
            code.resourceDetectors, variable, .resourceDetectors, ResourceDetectorSetting.standard)
        note(
            "resource detectors", chosen.isEmpty ? "none" : chosen.map(\.description).joined(separator: ","),
            origin)
        return chosen
    }

    /// Sets `deployment.environment.name` and its older name `deployment.environment` to the same value:
    /// receivers ask for either.
    private func setEnvironment(
        of attributes: inout Attributes, inEnvironment: Attributes, code: TelemetrySettings
    ) {
        let (name, oldName) = ("deployment.environment.name", "deployment.environment")
        let sources: [AttributeValue?] = [
            code.service.environment.map { .string($0) },
            code.resourceAttributes[name], code.resourceAttributes[oldName], inEnvironment[name],
            inEnvironment[oldName],
        ]
        guard let value = sources.compactMap({ $0 }).first else { return }
        attributes[name] = value
        attributes[oldName] = value
    }
}
