// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import OTLPReceiver

/// Reads on when a request was answered before it had ended, and throws away what comes, up to a limit.
///
/// Otherwise whoever sends first and reads then waits in vain with `Connection: close`, because nobody reads any
/// more what he sends, or finds the connection reset before he has read the answer.
// RFC 9112, 9.6: "If a server performs an immediate close of a TCP connection, there is a significant risk that
// the client will not be able to read the last HTTP response. [...] To avoid the TCP reset problem, servers
// typically close a connection in stages."
final class EarlyAnswerHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Behind an answer. Then the connection is closed, however much is still to come.
    private let bytesMax: Int
    /// Requests that have begun and whose answer has not ended.
    private var unanswered = 0
    /// The last request that has begun has not ended.
    private var isReceiving = false
    /// Thrown away of the request that is being received; nil as long as somebody reads it.
    private var bytesDiscarded: Int?
    private var closesAtEnd = false
    private var waitsForRest = true

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            unanswered += 1
            isReceiving = true
        case .body(let part):
            guard let before = bytesDiscarded else { break }
            bytesDiscarded = before + part.readableBytes
            if before + part.readableBytes > bytesMax { context.close(promise: nil) }
            return
        case .end:
            isReceiving = false
            bytesDiscarded = nil
            if closesAtEnd { return context.close(promise: nil) }
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Nobody else asks for more.
        if bytesDiscarded != nil { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is CloseAtOnceEvent { waitsForRest = false }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        unanswered -= 1
        context.write(data, promise: promise)
        // Not for an answer to a request before that one: its reader comes later.
        guard isReceiving, unanswered == 0 else { return }
        bytesDiscarded = 0
        context.read()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, bytesDiscarded != nil, waitsForRest else {
            return context.close(mode: mode, promise: promise)
        }
        closesAtEnd = true
        context.close(mode: .output, promise: promise)
    }
}
