// SPDX-License-Identifier: Apache-2.0

internal import GRPCWire
internal import NIOCore
internal import NIOHPACK
internal import OTLPWire

/// The frames that answer a call. Source: gRPC over HTTP/2, "Responses".
enum GRPCAnswer {
    /// Of a call that succeeded: before its message, and behind it.
    static let head: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
    static let trailers: HPACKHeaders = ["grpc-status": "0"]

    /// The message of no bytes, which says that all was accepted, with its prefix.
    private static let emptyMessage = ByteBuffer(
        bytes: GRPCMessagePrefix(isCompressed: false, length: 0).bytes)

    /// With its prefix.
    static func message(_ bytes: [UInt8]) -> ByteBuffer {
        guard !bytes.isEmpty else { return emptyMessage }
        var buffer = ByteBufferAllocator().buffer(capacity: GRPCMessagePrefix.count + bytes.count)
        // Answers are a count and a sentence.
        buffer.writeBytes(
            GRPCMessagePrefix(isCompressed: false, length: UInt32(truncatingIfNeeded: bytes.count)).bytes)
        buffer.writeBytes(bytes)
        return buffer
    }

    /// "Trailers-Only": the whole answer to a call that is refused.
    // OTLP 1.11.0 specification, "Failures": RetryInfo and BadRequest are details of the status, which gRPC carries in
    // `grpc-status-details-bin`.
    static func refusal(_ refusal: Refusal) -> HPACKHeaders {
        var headers: HPACKHeaders = [
            ":status": "\(refusal.reason.httpStatusOverGRPC)", "content-type": "application/grpc",
            "grpc-status": "\(refusal.reason.grpcStatus)",
            "grpc-message": GRPCStatusMessage.encode(refusal.message),
        ]
        if refusal.reason == .unsupportedCompression {
            headers.add(name: "grpc-accept-encoding", value: "gzip,identity")
        }
        if refusal.reason == .methodNotAllowed { headers.add(name: "allow", value: "POST") }
        if !OTLPMessages.status(of: refusal).details.isEmpty {
            headers.add(
                name: "grpc-status-details-bin",
                value: GRPCBinaryHeader.text(OTLPMessages.bytes(of: refusal, as: .protobuf)))
        }
        return headers
    }
}

extension Refusal.Reason {
    /// Number of the gRPC status code of the answer.
    // gRPC, "Status codes": UNIMPLEMENTED is for a "Method not found at server", NOT_FOUND for what a method looks for.
    var grpcStatus: Int { self == .unknownPath ? 12 : Int(statusCode) }

    /// Nearly every answer is 200 to HTTP, whatever its status is; those that never were gRPC are not.
    fileprivate var httpStatusOverGRPC: Int {
        switch self {
        case .unsupportedMediaType, .methodNotAllowed: httpStatus
        case .malformed, .tooLarge, .unsupportedCompression, .unknownPath, .signalNotStored, .misdirected,
            .overloaded, .stalled, .storeUnavailable, .storeFailed, .messageCount:
            200
        }
    }
}
