// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP1
internal import OTLPReceiver

/// Counts the requests of one connection with the status of their answers and the bytes of their bodies.
///
/// On the channel and not around the responder: here the answers are counted that no responder has given,
/// and the bytes that nobody wanted to read.
final class RequestCountHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let metrics: ReceiverMetrics
    private let door: ReceiverMetrics.Door
    /// Not yet in the counts.
    private var bytes = 0

    init(_ metrics: ReceiverMetrics, at door: ReceiverMetrics.Door) {
        self.metrics = metrics
        self.door = door
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .body(let part) = unwrapInboundIn(data) { bytes += part.readableBytes }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // 1xx come before the answer.
        if case .head(let head) = unwrapOutboundIn(data), head.status.code >= 200 {
            metrics.answered(Int(head.status.code), at: door, bytes: bytes)
            bytes = 0
        }
        context.write(data, promise: promise)
    }
}
