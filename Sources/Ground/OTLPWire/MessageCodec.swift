// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// A message that ``OTLPProtobuf`` and ``OTLPJSON`` write and read.
package protocol OTLPMessage {
    static var codec: MessageCodec<Self> { get }
}

/// The four functions of one message.
///
/// They are made here, where the generic walkers are specialised for the message, and called from other
/// modules as plain functions: a generic called over a module's border would stay unspecialised and be many
/// times slower.
package struct MessageCodec<Message>: Sendable {
    let encode: @Sendable (Message) -> [UInt8]
    let decode: @Sendable (UnsafeRawBufferPointer, WireLimits) throws(WireError) -> Message
    let encodeJSON: @Sendable (Message, _ pretty: Bool) -> [UInt8]
    let decodeJSON: @Sendable (UnsafeRawBufferPointer, WireLimits) throws(WireError) -> Message

    @inline(__always)
    init(_ type: Message.Type) where Message: WireMessage {
        encode = { OTLPProtobuf.encodeMessage($0) }
        decode = { (bytes, limits) throws(WireError) in
            try OTLPProtobuf.decodeMessage(Message.self, from: bytes, limits: limits)
        }
        encodeJSON = { OTLPJSON.encodeMessage($0, pretty: $1) }
        decodeJSON = { (bytes, limits) throws(WireError) in
            try OTLPJSON.decodeMessage(Message.self, from: bytes, limits: limits)
        }
    }
}

extension ExportTraceServiceRequest: OTLPMessage {
    package static let codec = MessageCodec(ExportTraceServiceRequest.self)
}
extension ExportTraceServiceResponse: OTLPMessage {
    package static let codec = MessageCodec(ExportTraceServiceResponse.self)
}
extension RPCStatus: OTLPMessage { package static let codec = MessageCodec(RPCStatus.self) }
extension RetryInfo: OTLPMessage { package static let codec = MessageCodec(RetryInfo.self) }
extension BadRequest: OTLPMessage { package static let codec = MessageCodec(BadRequest.self) }
extension ResourceSpans: OTLPMessage { package static let codec = MessageCodec(ResourceSpans.self) }
extension ScopeSpans: OTLPMessage { package static let codec = MessageCodec(ScopeSpans.self) }
extension SpanData: OTLPMessage { package static let codec = MessageCodec(SpanData.self) }
extension SpanEvent: OTLPMessage { package static let codec = MessageCodec(SpanEvent.self) }
extension SpanLink: OTLPMessage { package static let codec = MessageCodec(SpanLink.self) }
extension Resource: OTLPMessage { package static let codec = MessageCodec(Resource.self) }
extension InstrumentationScope: OTLPMessage {
    package static let codec = MessageCodec(InstrumentationScope.self)
}
extension Attributes: OTLPMessage { package static let codec = MessageCodec(Attributes.self) }
extension AttributeValue: OTLPMessage { package static let codec = MessageCodec(AttributeValue.self) }
