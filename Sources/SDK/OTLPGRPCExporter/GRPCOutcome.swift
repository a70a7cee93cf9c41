// SPDX-License-Identifier: Apache-2.0

import ExportCompression
import GRPCWire
import NIOCore
import NIOHPACK
import OTLPWire
import TelemetrySDK

/// What one call came to.
enum GRPCOutcome: Hashable, Sendable {
    /// Status OK, and its message.
    case answered([UInt8])
    /// Status OK, but its message cannot be read: why.
    case answeredInPart(String)
    /// Any other status. `details` is what stood in `grpc-status-details-bin`.
    case refused(GRPCStatusCode, message: String, details: [UInt8])
    /// What came is no answer of gRPC: why.
    case unreadable(String)
    /// No status came, and no more will: why.
    case lost(String)
    /// The deadline passed.
    case late
}

/// Puts an answer together. Source: gRPC over HTTP/2, "Responses".
struct GRPCAnswerReader {
    private var head: HPACKHeaders?
    private var messages = GRPCMessageReader(bytesMax: ExporterIdentity.responseBytesMax)
    private var message: [UInt8]?
    private var isCompressed = false

    /// Headers or trailers; the outcome, when they were the last of the answer.
    mutating func headers(_ headers: HPACKHeaders, isEnd: Bool) -> GRPCOutcome? {
        // RFC 9113, section 8.1: "A HEADERS frame … that carries an informational (1xx) status code" comes before.
        if head == nil, headers.first(name: ":status")?.first == "1", !isEnd { return nil }
        if head == nil { head = headers }
        // What is no gRPC need not be read to its end, which may never come.
        guard isEnd else { return isGRPC ? nil : withoutStatus }
        if let status = headers.first(name: "grpc-status") { return outcome(status, headers) }
        return withoutStatus
    }

    /// Bytes of the body; an outcome when there is no need to read on.
    mutating func data(_ bytes: ByteBuffer, isEnd: Bool) -> GRPCOutcome? {
        if let problem = bytes.withUnsafeReadableBytes({ readMessages(in: $0) }) { return problem }
        return isEnd ? withoutStatus : nil
    }

    private mutating func readMessages(in piece: UnsafeRawBufferPointer) -> GRPCOutcome? {
        var offset = 0
        do throws(GRPCMessageReader.Problem) {
            while let part = try messages.next(in: piece, from: &offset) {
                if part.isFirst {
                    guard message == nil else { return .unreadable("the answer has more than one message") }
                    isCompressed = part.prefix.isCompressed
                    message = []
                    message?.reserveCapacity(Int(part.prefix.length))
                }
                message?.append(contentsOf: piece[part.range])
            }
            return nil
        } catch {
            switch error {
            case .tooLong: return .unreadable("the answer is longer than \(messages.bytesMax) bytes")
            case .unknownFlag: return .unreadable("the answer does not begin as a message does")
            }
        }
    }

    private var httpStatus: Int { head?.first(name: ":status").flatMap { Int($0) } ?? 0 }

    // gRPC over HTTP/2, "Content-Type": "If Content-Type does not begin with "application/grpc", gRPC servers SHOULD
    // respond with HTTP status of 415"; of an answer it says the same.
    private var isGRPC: Bool {
        httpStatus == 200
            && head?.first(name: "content-type")?.lowercased().hasPrefix("application/grpc") == true
    }

    /// An answer that ends without `grpc-status`.
    private var withoutStatus: GRPCOutcome {
        // gRPC, "Status codes": UNKNOWN where no status came.
        guard !isGRPC else {
            return .refused(.unknown, message: "the answer ended without a status", details: [])
        }
        let code = GRPCStatusCode(httpStatus: httpStatus)
        let type = head?.first(name: "content-type").map { " of type \($0)" } ?? ""
        return .refused(
            code, message: "an answer\(type) with HTTP status \(httpStatus), no gRPC", details: [])
    }

    private func outcome(_ status: String, _ trailers: HPACKHeaders) -> GRPCOutcome {
        let code = GRPCStatusCode(trailer: status)
        guard code != .ok else {
            // Whoever says OK has taken the request, even without a message.
            guard isCompressed, let message, !message.isEmpty else { return .answered(message ?? []) }
            return decompressed(message)
        }
        let details = trailers["grpc-status-details-bin"].lazy.flatMap(GRPCBinaryHeader.values).compactMap(
            \.self)
        return .refused(
            code, message: GRPCStatusMessage.decode(trailers.first(name: "grpc-message") ?? ""),
            details: details.first ?? [])
    }

    // Some receivers answer a compressed request compressed, whatever `grpc-accept-encoding` says; the spans are taken
    // then, and some of them may not be.
    private func decompressed(_ message: [UInt8]) -> GRPCOutcome {
        guard head?.first(name: "grpc-encoding") == "gzip" else {
            return .answeredInPart("the answer is compressed in a way that is not known")
        }
        guard let plain = Gzip.decompress(message, bytesMax: messages.bytesMax) else {
            return .answeredInPart(
                "the answer cannot be decompressed, or is longer than \(messages.bytesMax) bytes")
        }
        return .answered(plain)
    }
}
