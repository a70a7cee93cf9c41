// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Resource and scope of a span. The resource is a number in the ``OriginTable``: one resource can have
/// thousands of scopes, and is too great to be repeated for each.
struct Origin: Hashable, Sendable {
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

/// The resources and origins of a block or segment, each distinct one once.
struct OriginTable: Sendable {
    private(set) var resources: [Resource] = []
    private(set) var origins: [Origin] = []
    /// What ``write(to:)`` writes, without the two counts.
    private(set) var byteCount = 0
    // By what is written, byte for byte. As Swift values "é" and "e\u{301}" are equal, and so are 0.0 and
    // -0.0: one of two resources would come back with the other's bytes.
    private var numberOfResource: [[UInt8]: UInt32] = [:]
    private var numberOfOrigin: [[UInt8]: UInt32] = [:]

    init() {}

    /// The number of `resource`; a new one when it was not there.
    mutating func add(_ resource: Resource) -> UInt32 {
        let bytes = resource.storedBytes
        if let number = numberOfResource[bytes] { return number }
        let number = UInt32(truncatingIfNeeded: resources.count)
        numberOfResource[bytes] = number
        resources.append(resource)
        byteCount += bytes.count
        return number
    }

    /// The number of `origin`, whose resource was added before; a new one when it was not there.
    mutating func add(_ origin: Origin) -> UInt32 {
        let bytes = origin.storedBytes
        if let number = numberOfOrigin[bytes] { return number }
        let number = UInt32(truncatingIfNeeded: origins.count)
        numberOfOrigin[bytes] = number
        origins.append(origin)
        byteCount += bytes.count
        return number
    }

    func write(to out: inout ByteWriter) {
        out.varint(resources.count)
        for resource in resources { out.resource(resource) }
        out.varint(origins.count)
        for origin in origins { origin.write(to: &out) }
    }

    /// What is read is complete: nothing is added to it.
    init(from input: inout ByteReader) throws(StorageError) {
        let first = input.offset
        for _ in 0..<(try input.count()) { resources.append(try input.resource()) }
        for _ in 0..<(try input.count()) {
            let origin = try Origin(from: &input)
            guard Int(origin.resource) < resources.count else {
                throw .damaged("a scope without its resource")
            }
            origins.append(origin)
        }
        byteCount = input.offset - first
    }
}

extension Resource {
    /// What tells it from others.
    var storedBytes: [UInt8] {
        var out = ByteWriter()
        out.resource(self)
        return out.bytes
    }
}

extension Origin {
    /// What tells it from others of the same table.
    var storedBytes: [UInt8] {
        var out = ByteWriter()
        write(to: &out)
        return out.bytes
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
