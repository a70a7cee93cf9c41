// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import OTLPReceiver

/// Answers 408 to a request whose body stops arriving, and closes the connection: what is left of the body
/// could not be told from a next request.
final class StalledRequestHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Media type and body of the answer to a request with this Content-Type.
    typealias Answer = @Sendable (_ contentType: String?) -> (mediaType: String, body: [UInt8])

    private let timer: BodyTimer
    private let answer: Answer
    /// The request that is being read.
    private var request: HTTPRequestHead?
    /// Requests that have begun and whose answer has not.
    private var unanswered = 0

    init(_ limits: ReceiverLimits, answer: @escaping Answer) {
        timer = BodyTimer(limits)
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = head
            unanswered += 1
            timer.begin()
        case .body(let part): timer.received(part.readableBytes)
        case .end:
            request = nil
            timer.end()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        timer.readComplete(context) { self.expire(context) }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head = unwrapOutboundIn(data) { unanswered -= 1 }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer.cancel() }

    private func expire(_ context: ChannelHandlerContext) {
        // An answer that has begun, or one that is owed to an earlier request, leaves no room for this one.
        if let request, unanswered == 1 {
            unanswered = 0
            let (mediaType, body) = answer(request.headers.first(name: "content-type"))
            let head = HTTPResponseHead(
                version: request.version, status: .requestTimeout,
                headers: [
                    "content-type": mediaType, "content-length": "\(body.count)", "connection": "close",
                ])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.close(promise: nil)
    }
}
