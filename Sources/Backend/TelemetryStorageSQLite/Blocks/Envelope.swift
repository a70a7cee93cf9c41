// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Resource and scope of a span. The resource is a number in the ``EnvelopeTable``: one resource can have
/// thousands of scopes, and is too great to be repeated for each.
struct Envelope: Hashable, Sendable {
    var resource: UInt32
    var scope: InstrumentationScope

    func write(to out: inout ByteWriter) {
        out.varint(resource)
        out.text(scope.name)
        out.text(scope.version)
        out.attributes(scope.attributes)
        out.varint(scope.droppedAttributesCount)
        out.text(scope.schemaURL)
    }

    init(resource: UInt32, scope: InstrumentationScope) {
        self.resource = resource
        self.scope = scope
    }

    init(from input: inout ByteReader) throws(StorageError) {
        resource = try input.varint32()
        scope = InstrumentationScope(
            name: try input.text(), version: try input.text(), attributes: try input.attributes(),
            droppedAttributesCount: try input.varint32(), schemaURL: try input.text())
    }
}

/// The resources and envelopes of a block or segment, each distinct one once.
struct EnvelopeTable: Sendable {
    private(set) var resources: [Resource] = []
    private(set) var envelopes: [Envelope] = []
    /// What ``write(to:)`` writes, without the two counts.
    private(set) var byteCount = 0
    private var numberOfResource: [Resource: UInt32] = [:]
    private var numberOfEnvelope: [Envelope: UInt32] = [:]

    init() {}

    /// The number of `resource`; a new one when it was not there.
    mutating func add(_ resource: Resource) -> UInt32 {
        if let number = numberOfResource[resource] { return number }
        let number = UInt32(truncatingIfNeeded: resources.count)
        numberOfResource[resource] = number
        resources.append(resource)
        var bytes = ByteWriter()
        bytes.resource(resource)
        byteCount += bytes.count
        return number
    }

    /// The number of `envelope`, whose resource was added before; a new one when it was not there.
    mutating func add(_ envelope: Envelope) -> UInt32 {
        if let number = numberOfEnvelope[envelope] { return number }
        let number = UInt32(truncatingIfNeeded: envelopes.count)
        numberOfEnvelope[envelope] = number
        envelopes.append(envelope)
        var bytes = ByteWriter()
        envelope.write(to: &bytes)
        byteCount += bytes.count
        return number
    }

    func write(to out: inout ByteWriter) {
        out.varint(resources.count)
        for resource in resources { out.resource(resource) }
        out.varint(envelopes.count)
        for envelope in envelopes { envelope.write(to: &out) }
    }

    /// What is read is complete: nothing is added to it.
    init(from input: inout ByteReader) throws(StorageError) {
        let first = input.offset
        for _ in 0..<(try input.count()) { resources.append(try input.resource()) }
        for _ in 0..<(try input.count()) {
            let envelope = try Envelope(from: &input)
            guard Int(envelope.resource) < resources.count else {
                throw .damaged("a scope without its resource")
            }
            envelopes.append(envelope)
        }
        byteCount = input.offset - first
    }
}

extension ByteWriter {
    fileprivate mutating func resource(_ resource: Resource) {
        attributes(resource.attributes)
        varint(resource.droppedAttributesCount)
        varint(resource.entityRefs.count)
        for entity in resource.entityRefs {
            text(entity.schemaURL)
            text(entity.type)
            texts(entity.idKeys)
            texts(entity.descriptionKeys)
        }
        text(resource.schemaURL)
    }

    private mutating func texts(_ values: [String]) {
        varint(values.count)
        for value in values { text(value) }
    }
}

extension ByteReader {
    fileprivate mutating func resource() throws(StorageError) -> Resource {
        let attributes = try attributes()
        let droppedAttributesCount = try varint32()
        var entities: [EntityRef] = []
        for _ in 0..<(try count()) {
            entities.append(
                EntityRef(
                    schemaURL: try text(), type: try text(), idKeys: try texts(), descriptionKeys: try texts()
                ))
        }
        return Resource(
            attributes: attributes, droppedAttributesCount: droppedAttributesCount, entityRefs: entities,
            schemaURL: try text())
    }

    private mutating func texts() throws(StorageError) -> [String] {
        var values: [String] = []
        for _ in 0..<(try count()) { values.append(try text()) }
        return values
    }
}
