// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@Suite("Resource")
struct ResourceMergeTests {
    @Test("a resource is made of attributes, and gives them back")
    func create() {
        let resource = Resource(attributes: ["service.name": "items", "n": 1], schemaURL: "https://s/1")
        #expect(resource.attributes.map(\.key) == ["service.name", "n"])
        #expect(resource.attributes["n"] == 1)
        #expect(resource.serviceName == "items")
        #expect(resource.schemaURL == "https://s/1")
    }

    @Test("the empty resource has nothing, and merging it changes nothing")
    func empty() {
        #expect(Resource().attributes.isEmpty)
        #expect(Resource().schemaURL.isEmpty)
        let resource = Resource(attributes: ["a": "1"], schemaURL: "https://s/1")
        #expect(resource.merging(Resource()) == resource)
        #expect(Resource().merging(resource) == resource)
    }

    @Test("the updating resource wins, even with an empty value, and neither operand changes")
    func merge() {
        let old = Resource(attributes: ["a": "1", "b": "1"])
        let new = Resource(attributes: ["b": "", "c": "2"])
        #expect(old.merging(new).attributes == ["a": "1", "b": "", "c": "2"])
        #expect(old.attributes == ["a": "1", "b": "1"])
    }

    @Test(
        "the schema URL is that of whichever has one; of two different ones none is left",
        arguments: [
            ("", "", ""), ("u", "", "u"), ("", "u", "u"), ("u", "u", "u"), ("u", "v", ""),
        ])
    func schema(old: String, new: String, expected: String) {
        let (left, right) = (Resource(schemaURL: old), Resource(schemaURL: new))
        #expect(left.merging(right).schemaURL == expected)
        #expect(left.hasSchema(conflictingWith: right) == (old == "u" && new == "v"))
    }

    // The three examples of the specification 1.60, "Resource Data Model", "Merging Entities into a Resource".

    private static func host(_ id: AttributeValue, _ description: Attributes = [:]) -> Entity {
        Entity(type: "host", id: ["host.id": id], description: description)
    }

    @Test("an entity takes its attributes from those that belong to none")
    func entityReplacesAttribute() {
        let old = Resource(attributes: ["host.name": "old-name", "env": "prod"])
        let service = Entity(type: "service", id: ["service.name": "my-svc"])
        let host = Self.host("H1", ["host.name": "new-name"])
        let merged = old.merging(Resource(entities: [host, service]))
        #expect(merged.entities == [host, service])
        #expect(merged.unassociatedAttributes == ["env": "prod"])
        #expect(merged.attributes["host.name"] == "new-name")
    }

    @Test("an attribute that contradicts an entity takes its place")
    func attributeReplacesEntity() {
        let process = Entity(type: "process", id: ["process.pid": 12_345])
        let old = Resource(entities: [Self.host("H1", ["host.name": "detected-name"]), process])
        let merged = old.merging(Resource(attributes: ["host.id": "h2", "env": "prod"]))
        #expect(merged.entities == [process])
        #expect(merged.unassociatedAttributes == ["host.id": "h2", "env": "prod"])
        #expect(merged.attributes["host.name"] == nil)
    }

    @Test("another identity of a type is refused; of two entities that contradict the first stays")
    func conflicts() {
        let first = Self.host("H1", ["env": "prod"])
        let service = Entity(type: "service", id: ["service.name": "S1"], description: ["env": "dev"])
        let merged = Resource(entities: [first]).merging(Resource(entities: [Self.host("H2"), service]))
        #expect(merged.entities == [first])
        #expect(merged.attributes == ["host.id": "H1", "env": "prod"])
    }

    @Test("the same entity twice is one with all that is known, the newer description right")
    func same() {
        let merged = Resource(entities: [Self.host("H1", ["a": "1", "b": "1"])])
            .merging(Resource(entities: [Self.host("H1", ["b": "2", "c": "3"])]))
        #expect(merged.entities == [Self.host("H1", ["a": "1", "b": "2", "c": "3"])])
    }

    @Test("the schema URL of entities is the resource's when all have the same")
    func entitySchemas() {
        let one = Entity(type: "a", id: ["a": "1"], schemaURL: "https://s/1")
        let two = Entity(type: "b", id: ["b": "1"], schemaURL: "https://s/2")
        #expect(Resource(entities: [one]).schemaURL == "https://s/1")
        #expect(Resource(entities: [one, two]).schemaURL.isEmpty)
    }
}
