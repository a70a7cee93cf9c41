// SPDX-License-Identifier: Apache-2.0

/// `google.rpc.Status`: the body of every error answer of OTLP/HTTP, and of `grpc-status-details-bin`.
package struct RPCStatus: Hashable, Sendable {
    /// A number of `google.rpc.Code`, which are those of gRPC; 0 when the sender left it out.
    package var code: Int32
    /// For developers, in English.
    package var message: String
    package var details: [Detail]

    package init(code: Int32 = 0, message: String = "", details: [Detail] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    /// `google.protobuf.Any`: a message with its type.
    package struct Detail: Hashable, Sendable {
        /// Such as `type.googleapis.com/google.rpc.RetryInfo`.
        package var typeURL: String
        /// The message in protobuf.
        package var value: [UInt8]

        package init(typeURL: String = "", value: [UInt8] = []) {
            self.typeURL = typeURL
            self.value = value
        }

        package init(_ info: RetryInfo) {
            self.init(typeURL: RetryInfo.typeURL, value: OTLPProtobuf.encode(info))
        }

        package init(_ request: BadRequest) {
            self.init(typeURL: BadRequest.typeURL, value: OTLPProtobuf.encode(request))
        }
    }

    /// The first `RetryInfo` among the details that can be read.
    package var retryInfo: RetryInfo? {
        details.lazy.compactMap { $0.message(RetryInfo.self, typeURL: RetryInfo.typeURL) }.first
    }

    /// The first `BadRequest` among the details that can be read.
    package var badRequest: BadRequest? {
        details.lazy.compactMap { $0.message(BadRequest.self, typeURL: BadRequest.typeURL) }.first
    }
}

extension RPCStatus.Detail {
    /// The message when it is of this type and can be read.
    fileprivate func message<Message: OTLPMessage>(_ type: Message.Type, typeURL: String) -> Message? {
        self.typeURL == typeURL ? try? OTLPProtobuf.decode(type, from: value) : nil
    }
}

/// `google.rpc.RetryInfo`: when the receiver wants to be asked again.
package struct RetryInfo: Hashable, Sendable {
    package static let typeURL = "type.googleapis.com/google.rpc.RetryInfo"

    package var retryDelay: Duration

    package init(retryDelay: Duration = .zero) { self.retryDelay = retryDelay }
}

/// `google.rpc.BadRequest`: which fields of a request were wrong.
package struct BadRequest: Hashable, Sendable {
    package static let typeURL = "type.googleapis.com/google.rpc.BadRequest"

    package struct FieldViolation: Hashable, Sendable {
        /// A path such as `resourceSpans[0].scopeSpans[2].spans[1].traceId`.
        package var field: String
        package var description: String

        package init(field: String = "", description: String = "") {
            self.field = field
            self.description = description
        }
    }

    package var fieldViolations: [FieldViolation]

    package init(fieldViolations: [FieldViolation] = []) { self.fieldViolations = fieldViolations }
}

extension RPCStatus: WireMessage {
    static var wireDefault: RPCStatus { RPCStatus() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "code", \.code, Signed32.self)
        try walker.field(2, "message", \.message, Text.self)
        try walker.messages(3, "details", \.details)
    }
}

extension RPCStatus.Detail: WireMessage {
    static var wireDefault: RPCStatus.Detail { RPCStatus.Detail() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "@type", \.typeURL, Text.self)
        guard Walker.isJSON else { return try walker.field(2, "value", \.value, Blob.self) }
        // proto3 JSON mapping, "Any": the fields of the message stand beside "@type". That needs the type to
        // be known; the bytes of any other are handed on as they are.
        try walker.field(2, "value", \.opaqueValue, Blob.self)
        try walker.field(2, "retryDelay", \.retryDelay, TimeSpan.self)
        try walker.messages(2, "fieldViolations", \.fieldViolations)
    }

    private var opaqueValue: [UInt8] {
        get { typeURL == RetryInfo.typeURL || typeURL == BadRequest.typeURL ? [] : value }
        set { value = newValue }
    }

    private var retryDelay: Duration {
        get { message(RetryInfo.self, typeURL: RetryInfo.typeURL)?.retryDelay ?? .zero }
        set { value = OTLPProtobuf.encode(RetryInfo(retryDelay: newValue)) }
    }

    private var fieldViolations: [BadRequest.FieldViolation] {
        get { message(BadRequest.self, typeURL: BadRequest.typeURL)?.fieldViolations ?? [] }
        set { value = OTLPProtobuf.encode(BadRequest(fieldViolations: newValue)) }
    }
}

extension RetryInfo: WireMessage {
    static var wireDefault: RetryInfo { RetryInfo() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "retryDelay", \.retryDelay, TimeSpan.self)
    }
}

extension BadRequest: WireMessage {
    static var wireDefault: BadRequest { BadRequest() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.messages(1, "fieldViolations", \.fieldViolations)
    }
}

extension BadRequest.FieldViolation: WireMessage {
    static var wireDefault: BadRequest.FieldViolation { BadRequest.FieldViolation() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "field", \.field, Text.self)
        try walker.field(2, "description", \.description, Text.self)
    }
}
