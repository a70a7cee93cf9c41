// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

// OTLP 1.11.0, common/v1/common.proto and resource/v1/resource.proto. The profiles-only fields
// (`string_value_strindex`, `key_strindex`) are not listed: in other signals they are treated as absent.

extension AttributeValue: WireMessage {
    static var wireDefault: AttributeValue { .empty }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.member(1, "stringValue", \.string, Text.self)
        try walker.member(2, "boolValue", \.bool, Flag.self)
        try walker.member(3, "intValue", \.int, Signed64.self)
        try walker.member(4, "doubleValue", \.double, Float64.self)
        try walker.optionalMessage(5, "arrayValue", \.array)
        try walker.optionalMessage(6, "kvlistValue", \.map)
        try walker.member(7, "bytesValue", \.bytes, Blob.self)
    }

    // The members of the oneof: nil when another one is set; setting one replaces whichever was. A reader
    // takes arrays and maps out, by setting nil, to add to them in place.

    private var string: String? {
        get { if case .string(let value) = self { value } else { nil } }
        set { if let newValue { self = .string(newValue) } }
    }

    private var bool: Bool? {
        get { if case .bool(let value) = self { value } else { nil } }
        set { if let newValue { self = .bool(newValue) } }
    }

    private var int: Int64? {
        get { if case .int(let value) = self { value } else { nil } }
        set { if let newValue { self = .int(newValue) } }
    }

    private var double: Double? {
        get { if case .double(let value) = self { value } else { nil } }
        set { if let newValue { self = .double(newValue) } }
    }

    private var bytes: [UInt8]? {
        get { if case .bytes(let value) = self { value } else { nil } }
        set { if let newValue { self = .bytes(newValue) } }
    }

    private var array: [AttributeValue]? {
        get { if case .array(let value) = self { value } else { nil } }
        set {
            if let newValue {
                self = .array(newValue)
            } else if case .array = self {
                self = .empty
            }
        }
    }

    private var map: Attributes? {
        get { if case .map(let value) = self { value } else { nil } }
        set {
            if let newValue {
                self = .map(newValue)
            } else if case .map = self {
                self = .empty
            }
        }
    }
}

/// `ArrayValue`.
extension [AttributeValue]: WireMessage {
    static var wireDefault: [AttributeValue] { [] }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.messages(1, "values", \.self)
    }
}

/// `KeyValueList`.
extension Attributes: WireMessage {
    static var wireDefault: Attributes { Attributes() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.messages(1, "values", \.elements)
    }
}

/// `KeyValue`.
extension Attribute: WireMessage {
    static var wireDefault: Attribute { Attribute(key: "", value: .empty) }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "key", \.key, Text.self)
        try walker.requiredMessage(2, "value", \.value)
    }
}

extension InstrumentationScope: WireMessage {
    static var wireDefault: InstrumentationScope { InstrumentationScope(name: "") }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "name", \.name, Text.self)
        try walker.field(2, "version", \.version, Text.self)
        try walker.messages(3, "attributes", \.attributes.elements)
        try walker.field(4, "droppedAttributesCount", \.droppedAttributesCount, Varint32.self)
    }
}

extension Resource: WireMessage {
    static var wireDefault: Resource { Resource() }
    static var lengthSizeHint: Int { 2 }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.messages(1, "attributes", \.attributes.elements)
        try walker.field(2, "droppedAttributesCount", \.droppedAttributesCount, Varint32.self)
        try walker.messages(3, "entityRefs", \.entityRefs)
    }
}

extension EntityRef: WireMessage {
    static var wireDefault: EntityRef { EntityRef(type: "", idKeys: []) }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "schemaUrl", \.schemaURL, Text.self)
        try walker.field(2, "type", \.type, Text.self)
        try walker.list(3, "idKeys", \.idKeys, Text.self)
        try walker.list(4, "descriptionKeys", \.descriptionKeys, Text.self)
    }
}
