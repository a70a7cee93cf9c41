// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// One connection of OTLP/HTTP. Requests are read by NIO, answers written as bytes: they may be wrong.
final class HTTPFaultHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let log: ReceiverLog
    private let connection: Int
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ log: ReceiverLog, connection: Int) {
        self.log = log
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if log.resetsNextRequest() { return context.channel.reset() }
            self.head = head
            body = []
        case .body(let bytes): body.append(contentsOf: bytes.readableBytesView)
        case .end:
            guard let head else { return }
            let request = FaultyReceiver.Request(
                path: head.uri, headers: head.headers.map { ($0.name.lowercased(), $0.value) }, body: body,
                connection: connection)
            act(log.received(request), request, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func act(_ fault: Fault, _ request: FaultyReceiver.Request, _ context: ChannelHandlerContext) {
        switch fault {
        case .answer(let answer): send(answer, request, context)
        case .hang: break
        // The rest is of connections or of HTTP/2.
        default: context.close(promise: nil)
        }
    }

    private func send(_ answer: Answer, _ request: FaultyReceiver.Request, _ context: ChannelHandlerContext) {
        var head = "HTTP/1.1 \(answer.status) Because\r\n"
        for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
        let body = answer.body(request.header("authorization") ?? "")
        head += "Content-Length: \(body.count)\r\n"
        if case .close = answer.ending { head += "Connection: close\r\n" }
        let bytes = Array((head + "\r\n").utf8) + body
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        let me = NIOLoopBound(self, eventLoop: context.eventLoop)
        let half = bytes.count - body.count / 2
        let finish: @Sendable () -> Void = {
            if case .keep = answer.ending { return }
            bound.value.close(promise: nil)
        }
        switch answer.pace {
        case .atOnce: write(bytes[...], context).whenComplete { _ in finish() }
        case .byteByByte(let pause): trickle(bytes[...], pause: pause, context, finish)
        case .halfThenSilence: _ = write(bytes[..<half], context)
        case .halfThenReset:
            // Not at once, or the reset overtakes what was written.
            write(bytes[..<half], context).whenSuccess {
                bound.value.eventLoop.scheduleTask(in: .milliseconds(20)) {
                    bound.value.channel.reset()
                }
            }
        case .late(let milliseconds):
            context.eventLoop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                me.value.write(bytes[...], bound.value).whenComplete { _ in finish() }
            }
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) -> EventLoopFuture<Void>
    {
        guard context.channel.isActive else { return context.eventLoop.makeSucceededVoidFuture() }
        return context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)))
    }

    private func trickle(
        _ bytes: ArraySlice<UInt8>, pause: Int, _ context: ChannelHandlerContext,
        _ finish: @escaping @Sendable () -> Void
    ) {
        guard !bytes.isEmpty, context.channel.isActive else { return finish() }
        _ = write(bytes.prefix(1), context)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(Int64(pause))) {
            bound.value.0.trickle(bytes.dropFirst(), pause: pause, bound.value.1, finish)
        }
    }
}
