// SPDX-License-Identifier: Apache-2.0

/// Something that telemetry is about: a service, a process, a host, a pod.
///
/// Source: OpenTelemetry specification 1.60, "Entity Data Model" (in development).
public struct Entity: Hashable, Sendable {
    /// For example `k8s.pod`; never empty for a valid entity.
    public var type: String
    /// What tells it from others of its type; never empty for a valid entity.
    public var id: Attributes
    /// What else is known of it; may change.
    public var description: Attributes
    /// URL of the semantic-convention schema of the attributes, empty when unknown.
    public var schemaURL: String

    public init(type: String, id: Attributes, description: Attributes = [:], schemaURL: String = "") {
        self.type = type
        self.id = id
        self.description = description
        self.schemaURL = schemaURL
    }

    /// "Entities MAY be merged if and only if their types are the same, their identity attributes are exactly the
    /// same AND their schema_url is the same."
    func isSame(as other: Entity) -> Bool {
        type == other.type && schemaURL == other.schemaURL && id.count == other.id.count
            && id.allSatisfy { other.id[$0.key] == $0.value }
    }

    /// The value of `key`, whether it identifies or describes.
    subscript(key: String) -> AttributeValue? { id[key] ?? description[key] }

    /// Whether both have an attribute with different values.
    func contradicts(_ attributes: Attributes) -> Bool {
        attributes.contains { attribute in self[attribute.key].map { $0 != attribute.value } ?? false }
    }

    fileprivate var reference: EntityRef {
        EntityRef(
            schemaURL: schemaURL, type: type, idKeys: id.map(\.key), descriptionKeys: description.map(\.key))
    }
}

extension Resource {
    /// A resource of entities and attributes of no entity; entities that come first win over later ones.
    ///
    /// "the system MUST behave as if a Resource is created with just `Attributes` and then merges with another
    /// Resource created with just `Entities`."
    public init(attributes: Attributes = [:], entities: [Entity], schemaURL: String = "") {
        let loose = Resource(attributes: attributes, schemaURL: schemaURL)
        self = entities.isEmpty ? loose : Self.merged(loose, entities, [:])
    }

    /// The entities that it is composed of; those whose attributes are not there are left out.
    public var entities: [Entity] {
        entityRefs.compactMap { reference in
            let id = values(of: reference.idKeys)
            guard !id.isEmpty, id.count == reference.idKeys.count else { return nil }
            return Entity(
                type: reference.type, id: id, description: values(of: reference.descriptionKeys),
                schemaURL: reference.schemaURL)
        }
    }

    /// The attributes that belong to none of its entities.
    public var unassociatedAttributes: Attributes {
        if entityRefs.isEmpty { return attributes }
        let associated = Set(entityRefs.flatMap { $0.idKeys + $0.descriptionKeys })
        return Attributes(attributes.filter { !associated.contains($0.key) })
    }

    private func values(of keys: [String]) -> Attributes {
        Attributes(keys.compactMap { key in attributes[key].map { Attribute(key: key, value: $0) } })
    }

    /// Both together; where they disagree, `updating` is right.
    ///
    /// Without entities: all attributes of both, and the schema URL that either has; of two different ones none is
    /// left, since neither fits all attributes (see ``hasSchema(conflictingWith:)``). With entities the rules of the
    /// resource's data model hold: an entity takes its attributes along, and one that is contradicted goes.
    /// Source: OpenTelemetry specification 1.60, "Resource SDK", "Merge"; "Resource Data Model", "Merging Resources".
    public func merging(_ updating: Resource) -> Resource {
        if entityRefs.isEmpty, updating.entityRefs.isEmpty {
            var merged = self
            // "the value of the updating resource MUST be picked (even if the updated value is empty)"
            for attribute in updating.attributes { merged.attributes[attribute.key] = attribute.value }
            merged.droppedAttributesCount &+= updating.droppedAttributesCount
            merged.schemaURL =
                schemaURL.isEmpty ? updating.schemaURL : hasSchema(conflictingWith: updating) ? "" : schemaURL
            return merged
        }
        return Self.merged(self, updating.entities, updating.unassociatedAttributes)
    }

    /// Whether both name a schema, and not the same: "this is a merging error".
    public func hasSchema(conflictingWith other: Resource) -> Bool {
        !schemaURL.isEmpty && !other.schemaURL.isEmpty && schemaURL != other.schemaURL
    }

    // "Merging Entities into a Resource"
    private static func merged(_ old: Resource, _ entities: [Entity], _ attributes: Attributes) -> Resource {
        var all = old.entities
        for entity in entities {
            guard let index = all.firstIndex(where: { $0.type == entity.type }) else {
                all.append(entity)
                continue
            }
            // "If unable to merge `e` and `new_entity`, then no change is made."
            guard all[index].isSame(as: entity) else { continue }
            for attribute in entity.description { all[index].description[attribute.key] = attribute.value }
        }
        // Example 2 there: "when the loose attribute is added, the entity must be removed due to conflict".
        all.removeAll { $0.contradicts(attributes) }
        // "If there is a conflict where two entities use the same attribute key then remove the lower priority
        // entity".
        var kept: [Entity] = []
        for entity in all
        where !kept.contains(where: { $0.contradicts(entity.id) || $0.contradicts(entity.description) }) {
            kept.append(entity)
        }
        var loose = old.unassociatedAttributes
        for attribute in attributes { loose[attribute.key] = attribute.value }
        // "Remove any attribute from `Attributes` which exists in either the description or identity of an entity".
        var merged = Attributes(loose.filter { attribute in !kept.contains { $0[attribute.key] != nil } })
        for entity in kept {
            for attribute in entity.id { merged[attribute.key] = attribute.value }
            for attribute in entity.description { merged[attribute.key] = attribute.value }
        }
        // "If all entities within `E` have the same `schema_url`, set the resources `schema_url` to match. Otherwise
        // set the Resource `schema_url` blank."
        let schemas = Set(kept.map(\.schemaURL))
        return Resource(
            attributes: merged, droppedAttributesCount: old.droppedAttributesCount,
            entityRefs: kept.map(\.reference),
            schemaURL: kept.isEmpty ? old.schemaURL : schemas.count == 1 ? kept[0].schemaURL : "")
    }
}
