// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel
import TelemetryPropagators
public import TelemetryResources

/// Finds the entities that `OTEL_ENTITIES` names. What is malformed there is left out.
///
/// Source: OpenTelemetry specification 1.60, "Entity Propagation", "EnvEntityDetector" (in development).
public struct EnvironmentEntityDetector: ResourceDetector {
    public var name: String { "env_entities" }

    public init() {}

    public func detect(in surroundings: DetectionSurroundings) -> Resource {
        Resource(entities: EntityList(surroundings.variable(Variable.entities.name) ?? "").entities)
    }
}

/// What `OTEL_ENTITIES` says: `type{id=value}[description=value]@schema;…`.
struct EntityList {
    /// Entities of one variable; those behind are left out.
    static let entitiesMax = 64

    private(set) var entities: [Entity] = []
    /// What was left out.
    private(set) var problems: [VariableProblem] = []

    /// "the SDK SHOULD log a warning and ignore the malformed portions while processing valid parts"
    init(_ text: String) {
        for (index, part) in text.split(separator: ";", omittingEmptySubsequences: false).enumerated() {
            let definition = part.trimmed
            if definition.isEmpty { continue }
            guard entities.count < Self.entitiesMax else {
                problems.append(
                    VariableProblem(part: nil, text: "has more than \(Self.entitiesMax) entities"))
                return
            }
            do throws(VariableProblem) {
                add(try entity(definition, number: index + 1))
            } catch {
                problems.append(error)
            }
        }
    }

    private mutating func add(_ entity: Entity) {
        // "Duplicate entities … the SDK SHOULD use the last occurrence"; "Conflicting identifying attributes …
        // preserve only the last entity". A resource has one entity of a type.
        if let index = entities.firstIndex(where: { $0.type == entity.type }) {
            entities.remove(at: index)
            problems.append(
                VariableProblem(part: entity.type, text: "stands there twice: the last one counts"))
        }
        // "Conflicting descriptive attributes … SHOULD NOT be recorded for entities other than the last one"
        for index in entities.indices {
            for attribute in entity.description {
                guard let other = entities[index].description[attribute.key], other != attribute.value else {
                    continue
                }
                entities[index].description[attribute.key] = nil
                problems.append(
                    VariableProblem(
                        part: attribute.key, text: "describes two entities differently: the last one counts"))
            }
        }
        entities.append(entity)
    }

    private mutating func entity(_ text: String, number: Int) throws(VariableProblem) -> Entity {
        func problem(_ text: String) -> VariableProblem {
            VariableProblem(part: nil, text: "has an entity \(number) that \(text), which is left out")
        }
        guard let open = text.firstIndex(of: "{"), let close = text[open...].firstIndex(of: "}") else {
            throw problem("has no {…}")
        }
        let type = String(text[..<open])
        guard Self.isName(type) else { throw problem("has no valid type") }
        guard let id = Self.attributes(text[text.index(after: open)..<close]), !id.isEmpty else {
            throw problem("has no valid identifying attributes")
        }
        var rest = text[close...].dropFirst()
        var description = Attributes()
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]"), let found = Self.attributes(rest[..<end].dropFirst())
            else {
                throw problem("has no valid describing attributes")
            }
            description = found
            rest = rest[end...].dropFirst()
        }
        var schema = ""
        if rest.first == "@" {
            schema = String(rest.dropFirst())
            // "If a schema URL is present but invalid, the SDK SHOULD log a warning and ignore the URL"
            if !Self.isURL(schema) {
                problems.append(
                    VariableProblem(part: nil, text: "has an entity \(number) with a schema that is no URL"))
                schema = ""
            }
        } else if !rest.isEmpty {
            throw problem("has something behind its attributes")
        }
        return Entity(type: type, id: id, description: description, schemaURL: schema)
    }

    /// `key=value,key=value`, percent-encoded; nil when any of it is malformed.
    private static func attributes(_ text: Substring) -> Attributes? {
        var attributes = Attributes()
        if text.isEmpty { return attributes }
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, isName(parts[0].trimmed),
                !parts[1].contains(where: { "{}[]@".contains($0) }),
                let value = PercentCoding.decodeStrictly(parts[1].trimmed.utf8)
            else { return nil }
            attributes[parts[0].trimmed] = .string(value)
        }
        return attributes
    }

    /// `[a-zA-Z][a-zA-Z0-9._-]*`
    private static func isName(_ text: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) && byte & 0x40 != 0 }
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy {
            isLetter($0) || (0x30...0x39).contains($0) || [0x2e, 0x5f, 0x2d].contains($0)
        }
    }

    private static func isURL(_ text: String) -> Bool {
        guard let colon = text.range(of: "://"), isName(String(text[..<colon.lowerBound])) else {
            return false
        }
        return colon.upperBound < text.endIndex && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

extension String {
    fileprivate func range(of other: String) -> Range<String.Index>? { ranges(of: other).first }
}
