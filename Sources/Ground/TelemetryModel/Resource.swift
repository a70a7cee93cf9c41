// SPDX-License-Identifier: Apache-2.0

/// Who produced the telemetry: a service, its version, its host.
///
/// Source: OpenTelemetry specification 1.60, "Resource SDK"; OTLP `resource.proto`.
public struct Resource: Hashable, Sendable {
    public var attributes: Attributes
    public var droppedAttributesCount: UInt32
    public var entityRefs: [EntityRef]
    /// URL of the semantic-convention schema of the attributes, empty when unknown.
    public var schemaURL: String

    public init(
        attributes: Attributes = [:], droppedAttributesCount: UInt32 = 0, entityRefs: [EntityRef] = [],
        schemaURL: String = ""
    ) {
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
        self.entityRefs = entityRefs
        self.schemaURL = schemaURL
    }

    /// The string value of `service.name`, nil when it is missing or not a string.
    public var serviceName: String? {
        guard case .string(let name) = attributes["service.name"] else { return nil }
        return name
    }

    /// Stands in for a missing ``serviceName`` where one must be shown. Source: semantic conventions 1.44,
    /// "Service".
    package static let unknownServiceName = "unknown_service"
}

/// Names the resource attributes that identify and describe one entity (a host, a process, a service
/// instance).
public struct EntityRef: Hashable, Sendable {
    public var schemaURL: String
    public var type: String
    public var idKeys: [String]
    public var descriptionKeys: [String]

    public init(schemaURL: String = "", type: String, idKeys: [String], descriptionKeys: [String] = []) {
        self.schemaURL = schemaURL
        self.type = type
        self.idKeys = idKeys
        self.descriptionKeys = descriptionKeys
    }
}
