// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHPACK
import NIOHTTP2
import OTLPWire

/// One connection of OTLP/gRPC, frame by frame: what to send and when is the script's, not that of a gRPC library.
final class GRPCFaultHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private struct Stream {
        var headers: HPACKHeaders
        var bytes: [UInt8] = []
    }

    private let log: ReceiverLog
    private let connection: Int
    private let goAwayAtStart: HTTP2ErrorCode?
    private var streams: [HTTP2StreamID: Stream] = [:]
    /// What is put before a message: whether it is compressed (one byte) and its length (four).
    private static let prefixLength = 5

    init(_ log: ReceiverLog, connection: Int, goAwayAtStart: HTTP2ErrorCode?) {
        self.log = log
        self.connection = connection
        self.goAwayAtStart = goAwayAtStart
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let goAwayAtStart else { return }
        goAway(goAwayAtStart, lastStream: .rootStream, context)
        close(after: 20, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let headers):
            if log.resetsNextRequest() { return context.channel.reset() }
            streams[frame.streamID] = Stream(headers: headers.headers)
            if headers.endStream { end(frame.streamID, context) }
        case .data(let data):
            guard case .byteBuffer(let bytes) = data.data else { return }
            streams[frame.streamID]?.bytes.append(contentsOf: bytes.readableBytesView)
            if bytes.readableBytes > 0 {
                write(.rootStream, .windowUpdate(windowSizeIncrement: bytes.readableBytes), context)
                if !data.endStream {
                    let increment = bytes.readableBytes
                    write(frame.streamID, .windowUpdate(windowSizeIncrement: increment), context)
                }
                context.flush()
            }
            if data.endStream { end(frame.streamID, context) }
        case .rstStream: streams[frame.streamID] = nil
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func end(_ id: HTTP2StreamID, _ context: ChannelHandlerContext) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        let request = FaultyReceiver.Request(
            path: stream.headers.first(name: ":path") ?? "",
            headers: stream.headers.map { ($0.name, $0.value) },
            body: Array(stream.bytes.dropFirst(Self.prefixLength)), connection: connection)
        switch log.received(request) {
        case .answer(let answer): send(answer, id, request, context)
        case .answerWithGoAway(let code):
            goAway(code, lastStream: id, context)
            send(Fault.grpcAnswer(.init()), id, request, context)
            close(after: 50, context)
        case .resetStream(let code):
            write(id, .rstStream(code), context)
            context.flush()
        case .goAwayInRequest(let code):
            goAway(code, lastStream: .rootStream, context)
            close(after: 20, context)
        case .hang: break
        default: context.close(promise: nil)
        }
    }

    private func send(
        _ answer: Answer, _ id: HTTP2StreamID, _ request: FaultyReceiver.Request,
        _ context: ChannelHandlerContext
    ) {
        let secret = request.header("authorization") ?? ""
        var head = HPACKHeaders([(":status", "\(answer.status)")])
        for (name, value) in answer.headers {
            head.add(name: name.lowercased(), value: value.replacing(Fault.echo, with: secret))
        }
        var body = answer.body(secret)
        let isOver = answer.trailers == nil && body.isEmpty
        if answer.trailers != nil {
            let length = answer.declaredLength ?? UInt32(body.count)
            body = [0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + body
        }
        var frames: [HTTP2Frame.FramePayload] = [.headers(.init(headers: head, endStream: isOver))]
        let isSlow = if case .byteByByte = answer.pace { true } else { false }
        for part in isSlow ? body.map({ [$0] }) : (isOver ? [] : [body]) {
            frames.append(.data(.init(data: .byteBuffer(ByteBuffer(bytes: part)))))
        }
        if let trailers = answer.trailers {
            frames.append(.headers(.init(headers: HPACKHeaders(trailers), endStream: true)))
        } else if !isOver {
            frames.append(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let all = frames
        switch answer.pace {
        case .atOnce: send(frames[...], pause: nil, id, answer.ending, context)
        case .byteByByte(let pause): send(frames[...], pause: pause, id, answer.ending, context)
        case .halfThenSilence: send(frames.prefix(1), pause: nil, id, .keep, context)
        case .halfThenReset:
            send(frames.prefix(1), pause: nil, id, .keep, context)
            context.eventLoop.scheduleTask(in: .milliseconds(20)) { bound.value.1.channel.reset() }
        case .late(let milliseconds):
            context.eventLoop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                bound.value.0.send(all[...], pause: nil, id, answer.ending, bound.value.1)
            }
        }
    }

    /// With a pause: one frame after another.
    private func send(
        _ frames: ArraySlice<HTTP2Frame.FramePayload>, pause: Int?, _ id: HTTP2StreamID,
        _ ending: Answer.Ending, _ context: ChannelHandlerContext
    ) {
        guard context.channel.isActive else { return }
        guard let pause, let first = frames.first else {
            for frame in frames { write(id, frame, context) }
            context.flush()
            switch ending {
            case .keep: break
            case .close:
                goAway(.noError, lastStream: id, context)
                close(after: 20, context)
            case .closeSilently: close(after: 0, context)
            }
            return
        }
        write(id, first, context)
        context.flush()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(Int64(pause))) {
            bound.value.0.send(frames.dropFirst(), pause: pause, id, ending, bound.value.1)
        }
    }

    private func write(
        _ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext
    ) {
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
    }

    private func goAway(
        _ code: HTTP2ErrorCode, lastStream: HTTP2StreamID, _ context: ChannelHandlerContext
    ) {
        write(
            .rootStream, .goAway(lastStreamID: lastStream, errorCode: code, opaqueData: nil), context)
        context.flush()
    }

    /// Not at once, so that what was written is read before the end is seen.
    private func close(after milliseconds: Int64, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) { bound.value.close(promise: nil) }
    }
}
