// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// Stands between HTTP/2 and grpc-swift on every stream, and answers what grpc-swift's transport cannot.
///
/// The transport (grpc-swift-nio-transport 2.9) resets the stream when a message is too large or its gzip is
/// broken, where OTLP wants RESOURCE_EXHAUSTED and INVALID_ARGUMENT; it never returns from decompressing a
/// message that was cut off; and it has no bound on what all streams together hold. So messages are checked,
/// counted and decompressed here, and the transport sees plain ones only.
final class GRPCRequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let ingest: TraceIngest
    private var gate: GRPCMessageGate?
    private var isRefused = false
    private let timer: BodyTimer
    private var bytesReceived = 0

    init(ingest: TraceIngest) {
        self.ingest = ingest
        timer = BodyTimer(ingest.limits)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        timer.readComplete(context) {
            self.refuse(.stalled, context: context)
            context.fireChannelReadComplete()
        }
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        do throws(Refusal) {
            if let passed = try inspect(unwrapInboundIn(data)) {
                context.fireChannelRead(wrapInboundOut(passed))
            }
        } catch {
            refuse(error, context: context)
        }
    }

    /// What grpc-swift gets to see of a frame; nil for nothing.
    private func inspect(
        _ frame: HTTP2Frame.FramePayload
    ) throws(Refusal) -> HTTP2Frame.FramePayload? {
        switch frame {
        case .headers(var headers) where gate == nil:
            gate = GRPCMessageGate(for: ingest, isGzip: try takeEncoding(&headers.headers))
            if !headers.endStream { timer.begin() }
            return .headers(headers)
        case .data(var data):
            guard case .byteBuffer(let bytes) = data.data else { return frame }
            timer.received(bytes.readableBytes)
            bytesReceived += bytes.readableBytes
            if data.endStream { timer.end() }
            let passed = try gate?.pass(bytes)
            if data.endStream { try gate?.finish() }
            guard passed != nil || data.endStream else { return nil }
            data.data = .byteBuffer(passed ?? ByteBuffer())
            data.paddingBytes = nil
            return .data(data)
        default:
            return frame
        }
    }

    /// Reads `grpc-encoding` and takes it away; true for gzip.
    private func takeEncoding(_ headers: inout HPACKHeaders) throws(Refusal) -> Bool {
        guard let encoding = headers.first(name: "grpc-encoding") else { return false }
        headers.remove(name: "grpc-encoding")
        switch encoding {
        case "identity": return false
        case "gzip": return true
        default: throw Refusal(.unsupportedCompression, "grpc-encoding must be gzip or identity")
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The stream has had its end already.
        guard !isRefused else { return promise.fail(ChannelError.outputClosed) }
        // Every answer ends with its status, and only the end has one.
        if case .headers(let headers) = unwrapOutboundIn(data),
            let status = headers.headers.first(name: "grpc-status")
        {
            ingest.metrics.answered(Int(status) ?? -1, at: .grpc, bytes: bytesReceived)
        }
        context.write(data, promise: promise)
    }

    private func refuse(_ refusal: Refusal, context: ChannelHandlerContext) {
        isRefused = true
        gate = nil
        timer.end()
        ingest.metrics.refused(refusal.reason, at: .grpc)
        ingest.metrics.answered(Int(refusal.reason.statusCode), at: .grpc, bytes: bytesReceived)
        let response = HTTP2Frame.FramePayload.headers(
            .init(headers: HPACKHeaders(trailersOnly: refusal), endStream: true))
        context.writeAndFlush(wrapOutboundOut(response), promise: nil)
        // grpc-swift lets go of the request as if its sender had left.
        context.fireChannelRead(wrapInboundOut(.rstStream(.cancel)))
        // RFC 9113, section 8.1: RST_STREAM with NO_ERROR behind a complete response asks the sender to stop
        // sending the request.
        context.writeAndFlush(wrapOutboundOut(.rstStream(.noError)), promise: nil)
    }
}

extension EventLoopPromise<Void>? {
    fileprivate func fail(_ error: any Error) { self?.fail(error) }
}

extension HPACKHeaders {
    /// Source: gRPC over HTTP/2, "Trailers-Only".
    fileprivate init(trailersOnly refusal: Refusal) {
        let error = RPCError(refusal)
        self = [
            ":status": "200", "content-type": "application/grpc", "grpc-status": "\(error.code.rawValue)",
            "grpc-message": error.message.percentEncodedForGRPC,
        ]
        if refusal.reason == .unsupportedCompression {
            add(name: "grpc-accept-encoding", value: "gzip,identity")
        }
        for (name, value) in error.metadata { add(name: name, value: value.encoded()) }
    }
}

extension String {
    // gRPC over HTTP/2, "Status-Message": bytes outside 0x20–0x7E, and "%", are percent-encoded.
    fileprivate var percentEncodedForGRPC: String {
        var encoded = ""
        for byte in utf8 {
            if (0x20...0x7e).contains(byte), byte != UInt8(ascii: "%") {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
