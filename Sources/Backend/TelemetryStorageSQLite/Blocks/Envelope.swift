// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Resource and scope of a span. A block keeps each distinct one once.
struct Envelope: Hashable, Sendable {
    var resource: Resource
    var scope: InstrumentationScope

    func write(to out: inout ByteWriter) {
        out.attributes(resource.attributes)
        out.varint(resource.droppedAttributesCount)
        out.varint(resource.entityRefs.count)
        for entity in resource.entityRefs {
            out.text(entity.schemaURL)
            out.text(entity.type)
            out.texts(entity.idKeys)
            out.texts(entity.descriptionKeys)
        }
        out.text(resource.schemaURL)
        out.text(scope.name)
        out.text(scope.version)
        out.attributes(scope.attributes)
        out.varint(scope.droppedAttributesCount)
        out.text(scope.schemaURL)
    }

    init(resource: Resource, scope: InstrumentationScope) {
        self.resource = resource
        self.scope = scope
    }

    init(from input: inout ByteReader) throws(StorageError) {
        let attributes = try input.attributes()
        let droppedAttributesCount = try input.varint32()
        var entities: [EntityRef] = []
        for _ in 0..<(try input.count()) {
            entities.append(
                EntityRef(
                    schemaURL: try input.text(), type: try input.text(), idKeys: try input.texts(),
                    descriptionKeys: try input.texts()))
        }
        resource = Resource(
            attributes: attributes, droppedAttributesCount: droppedAttributesCount, entityRefs: entities,
            schemaURL: try input.text())
        scope = InstrumentationScope(
            name: try input.text(), version: try input.text(), attributes: try input.attributes(),
            droppedAttributesCount: try input.varint32(), schemaURL: try input.text())
    }
}

extension ByteWriter {
    fileprivate mutating func texts(_ values: [String]) {
        varint(values.count)
        for value in values { text(value) }
    }
}

extension ByteReader {
    fileprivate mutating func texts() throws(StorageError) -> [String] {
        var values: [String] = []
        for _ in 0..<(try count()) { values.append(try text()) }
        return values
    }
}
