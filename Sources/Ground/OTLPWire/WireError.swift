// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not the message they claim to be.
package struct WireError: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        // Both encodings.
        case truncated
        case tooLong(limit: Int)
        case tooDeep(limit: Int)
        case decodedTooLarge(limit: Int)
        // Protobuf.
        case varintTooLong
        case invalidTag
        case unmatchedGroup
        // JSON.
        case expected(Token)
        case trailingBytes
        case invalidString
        case invalidNumber
        case numberOutOfRange
        case invalidBase64
        case unknownEnumName
    }

    /// What the grammar of JSON allows at a place.
    package enum Token: String, Hashable, Sendable {
        case value = "a value"
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case integer = "an integer"
        case bool = "true or false"
        case key = "a key"
        case colon = "':'"
        case commaOrBrace = "',' or '}'"
        case commaOrBracket = "',' or ']'"
    }

    package let reason: Reason
    /// Bytes from the start of the input to the place where it went wrong.
    package let offset: Int
    /// The field, such as `resourceSpans[0].scopeSpans[2].spans[1].traceId`; empty for the message itself.
    package private(set) var path: String

    package init(_ reason: Reason, offset: Int, path: String = "") {
        self.reason = reason
        self.offset = offset
        self.path = path
    }

    /// The same error, seen from the message that holds the field `key`.
    func inside(_ key: StaticString, index: Int? = nil) -> WireError {
        var copy = self
        var component = "\(key)"
        if let index { component += "[\(index)]" }
        copy.path = path.isEmpty ? component : "\(component).\(path)"
        return copy
    }
}

extension WireError: CustomStringConvertible {
    package var description: String {
        path.isEmpty ? "\(reason) at byte \(offset)" : "\(reason) at byte \(offset), in \(path)"
    }
}

extension WireError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "the input ends inside a value"
        case .tooLong(let limit): "the message is longer than the limit of \(limit) bytes"
        case .tooDeep(let limit): "values are nested deeper than the limit of \(limit) levels"
        case .decodedTooLarge(let limit): "the decoded values take more than the limit of \(limit) bytes"
        case .varintTooLong: "a variable-length integer is longer than 64 bits"
        case .invalidTag: "a field has an impossible number or type"
        case .unmatchedGroup: "a group ends that was not begun"
        case .expected(let token): "\(token.rawValue) was expected"
        case .trailingBytes: "something follows the message"
        case .invalidString: "a string holds a control character or an unknown escape"
        case .invalidNumber: "this is not a number"
        case .numberOutOfRange: "the number does not fit into the field"
        case .invalidBase64: "this is not base64"
        case .unknownEnumName: "the enumeration has no such name; OTLP/JSON writes integers"
        }
    }
}
