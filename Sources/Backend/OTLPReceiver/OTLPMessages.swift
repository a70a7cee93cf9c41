// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import OTLPWire

/// The messages that the receiver reads and writes, in either encoding.
enum OTLPMessages {
    static func traceRequest(
        _ bytes: borrowing RawSpan, as encoding: OTLPEncoding, within budget: RequestBudget
    ) throws(Refusal) -> ExportTraceServiceRequest {
        try decode(ExportTraceServiceRequest.self, from: bytes, as: encoding, within: budget)
    }

    static func logsRequest(
        _ bytes: borrowing RawSpan, as encoding: OTLPEncoding, within budget: RequestBudget
    ) throws(Refusal) -> ExportLogsServiceRequest {
        try decode(ExportLogsServiceRequest.self, from: bytes, as: encoding, within: budget)
    }

    private static func decode<Message: OTLPMessage>(
        _ type: Message.Type, from bytes: borrowing RawSpan, as encoding: OTLPEncoding,
        within budget: RequestBudget
    ) throws(Refusal) -> Message {
        try bytes.withUnsafeBytes { (bytes) throws(Refusal) in
            try DecodedBytes.within(budget, wireBytes: bytes.count) { (limits) throws(WireError) in
                switch encoding {
                case .protobuf: try OTLPProtobuf.decode(type, from: bytes, limits: limits)
                case .json: try OTLPJSON.decode(type, from: bytes, limits: limits)
                }
            } failure: {
                Refusal($0, in: "an \(type)")
            }
        }
    }

    static func traceResponse(rejected: Int, message: String) -> ExportTraceServiceResponse {
        guard rejected > 0 else { return ExportTraceServiceResponse() }
        return ExportTraceServiceResponse(
            partialSuccess: .init(rejectedSpans: Int64(rejected), errorMessage: message))
    }

    static func bytes(of response: ExportTraceServiceResponse, as encoding: OTLPEncoding) -> [UInt8] {
        switch encoding {
        case .protobuf: OTLPProtobuf.encode(response)
        case .json: OTLPJSON.encode(response)
        }
    }

    static func bytes(of response: ExportLogsServiceResponse, as encoding: OTLPEncoding) -> [UInt8] {
        switch encoding {
        case .protobuf: OTLPProtobuf.encode(response)
        case .json: OTLPJSON.encode(response)
        }
    }

    static func bytes(of refusal: Refusal, as encoding: OTLPEncoding) -> [UInt8] {
        switch encoding {
        case .protobuf: OTLPProtobuf.encode(status(of: refusal))
        case .json: OTLPJSON.encode(status(of: refusal))
        }
    }

    static func status(of refusal: Refusal) -> RPCStatus {
        RPCStatus(
            code: refusal.reason.statusCode, message: refusal.message, details: details(of: refusal))
    }

    // OTLP 1.11.0 specification, "Failures": "The server MAY include additional error details [...] using
    // BadRequest"; "OTLP/gRPC Throttling": UNAVAILABLE comes with RetryInfo.
    private static func details(of refusal: Refusal) -> [RPCStatus.Detail] {
        if refusal.reason.isRetryable {
            return [.init(RetryInfo(retryDelay: .seconds(ReceiverLimits.retryAfterSeconds)))]
        }
        guard refusal.reason.isBadRequest else { return [] }
        return [
            .init(
                BadRequest(fieldViolations: [
                    .init(field: refusal.field, description: refusal.violation)
                ]))
        ]
    }
}

extension Refusal {
    fileprivate init(_ error: WireError, in message: String) {
        let text = "the body is not \(message): \(error)"
        switch error.reason {
        case .tooLong, .decodedTooLarge: self.init(.tooLarge, "\(text); send smaller batches")
        case .truncated, .tooDeep, .varintTooLong, .invalidTag, .unmatchedGroup, .expected, .trailingBytes,
            .invalidString, .invalidNumber, .numberOutOfRange, .invalidBase64, .unknownEnumName:
            self.init(
                .malformed, text, field: error.path, violation: "\(error.reason) at byte \(error.offset)")
        }
    }
}
