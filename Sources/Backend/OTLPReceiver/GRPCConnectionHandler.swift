// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// Answers the calls of one connection, behind `NIOHTTP2Handler`.
///
/// It works on the frames of all streams itself: a channel for each, with its pipeline and its promises, costs more
/// than what a small request does. Every call is unary, so a stream is a few fields, see ``GRPCStream``.
///
/// A call is decoded where its bytes arrive, on the event loop, unless it is large; its task begins and ends there,
/// and only the store is elsewhere.
final class GRPCConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundIn = Never
    typealias OutboundOut = HTTP2Frame

    let eventLoop: any EventLoop
    private let calls: OTLPGRPCCalls
    private let executor: ConnectionTasks.Loop?
    private let limits: ReceiverLimits
    private let metrics: ReceiverMetrics
    private let written: WrittenGoAway
    private(set) var context: ChannelHandlerContext?
    private(set) var streams: [HTTP2StreamID: GRPCStream] = [:]
    private(set) var lastStreamID = HTTP2StreamID.rootStream
    var departure = Departure.none
    var departureTimer: Scheduled<Void>?
    private var bodyTimer: Scheduled<Void>?
    /// Any frame has come.
    private var hasHeard = false
    private var prefaceTimer: Scheduled<Void>?
    private var isReading = false
    private var isFlushDue = false
    /// A read waits until the other side has read.
    private var isReadHeld = false
    private var stuckTimer: Scheduled<Void>?

    /// Bytes that a sender may have under way before the receiver has taken them, on one stream and on all of a
    /// connection. Large enough that a usual batch needs no window update, small enough for hundreds of connections.
    static let windowBytes = 1 << 20
    /// Of a connection, before it is said otherwise.
    private static let windowBytesAtFirst = 65_535
    /// A message of more bytes is decoded off the event loop, so that other connections are not kept waiting.
    private static let decodedHereBytesMax = 4 << 20

    /// `written` is the frame delegate of the `NIOHTTP2Handler` before it.
    init(
        _ calls: OTLPGRPCCalls, on eventLoop: any EventLoop, executor: ConnectionTasks.Loop?,
        written: WrittenGoAway
    ) {
        self.calls = calls
        self.written = written
        self.eventLoop = eventLoop
        self.executor = executor
        limits = calls.ingest.limits
        metrics = calls.ingest.metrics
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        forgetAll()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        forgetAll()
        context.fireChannelInactive()
    }

    private func forgetAll() {
        for stream in streams.values { stream.isClosed = true }
        streams = [:]
        for timer in [departureTimer, bodyTimer, stuckTimer, prefaceTimer] { timer?.cancel() }
    }

    func channelActive(context: ChannelHandlerContext) {
        // Whoever connects and says nothing is not waited for.
        prefaceTimer = schedule(at: .now() + TimeAmount(limits.bodyTimeout)) {
            if !self.hasHeard { self.context?.close(promise: nil) }
        }
        // RFC 9113, section 6.9.2: "A SETTINGS frame can alter the initial flow-control window size for streams […] but
        // not […] the connection flow-control window."
        write(.windowUpdate(windowSizeIncrement: Self.windowBytes - Self.windowBytesAtFirst), on: .rootStream)
        flushSoon()
        context.fireChannelActive()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        hasHeard = true
        // No answer can leave any more, so nothing is taken.
        guard departure != .said else { return }
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let headers):
            if let stream = streams[frame.streamID] {
                // Trailers of a request.
                if headers.endStream { end(stream) }
            } else {
                begin(frame.streamID, headers)
            }
        case .data(let data):
            guard let stream = streams[frame.streamID], stream.isReceiving,
                case .byteBuffer(let bytes) = data.data
            else { return }
            stream.bytesReceived += bytes.readableBytes
            do throws(Refusal) {
                try stream.collector?.take(bytes)
            } catch {
                return refuse(stream, error, isComplete: data.endStream)
            }
            if data.endStream { end(stream) }
        case .ping(let data, ack: true):
            if data == Self.departurePing { departureWasHeard() }
        default: break
        }
    }

    private func begin(_ id: HTTP2StreamID, _ headers: HTTP2Frame.FramePayload.Headers) {
        lastStreamID = max(lastStreamID, id)
        do throws(Refusal) {
            let head = try GRPCRequestHead(headers.headers)
            let stream = GRPCStream(
                id, head.call, began: .now(),
                collector: GRPCMessageCollector(for: calls.ingest, isGzip: head.isGzip))
            streams[id] = stream
            if headers.endStream { end(stream) }
        } catch {
            refuse(id, error, bytes: 0, isComplete: headers.endStream)
        }
    }

    /// The request is complete.
    private func end(_ stream: GRPCStream) {
        guard stream.isReceiving else { return }
        do throws(Refusal) {
            guard let message = try stream.collector?.finish() else { return }
            stream.progress = .working
            if message.readableBytes <= Self.decodedHereBytesMax {
                let batch = try calls.decode(message, of: stream.call)
                work(on: stream, executor) { calls throws(Refusal) in try await calls.store(batch) }
            } else {
                let call = stream.call
                work(on: stream, nil) { calls throws(Refusal) in
                    try await calls.store(try calls.decode(message, of: call))
                }
            }
        } catch {
            refuse(stream, error, isComplete: true)
        }
    }

    private func work(
        on stream: GRPCStream, _ executor: ConnectionTasks.Loop?,
        _ operation: @escaping @Sendable (OTLPGRPCCalls) async throws(Refusal) -> [UInt8]
    ) {
        let asked = NIOLoopBound(Asked(handler: self, stream: stream), eventLoop: eventLoop)
        Task(executorPreference: executor) { [calls, eventLoop] in
            let result: Result<[UInt8], Refusal>
            do throws(Refusal) {
                result = .success(try await operation(calls))
            } catch {
                result = .failure(error)
            }
            if eventLoop.inEventLoop {
                asked.value.answer(result)
            } else {
                eventLoop.execute { asked.value.answer(result) }
            }
        }
    }

    /// Who waits for the store.
    private struct Asked {
        let handler: GRPCConnectionHandler
        let stream: GRPCStream

        func answer(_ result: Result<[UInt8], Refusal>) {
            switch result {
            case .success(let message): handler.accept(stream, message)
            case .failure(let refusal): handler.refuse(stream, refusal, isComplete: true)
            }
        }
    }

    // MARK: Answers

    private func accept(_ stream: GRPCStream, _ message: [UInt8]) {
        stream.progress = .answered
        stream.collector = nil
        guard !stream.isClosed else { return }
        metrics.answered(0, at: .grpc, bytes: stream.bytesReceived)
        write(.headers(.init(headers: GRPCAnswer.head)), on: stream.id)
        write(.data(.init(data: .byteBuffer(GRPCAnswer.message(message)))), on: stream.id)
        write(.headers(.init(headers: GRPCAnswer.trailers, endStream: true)), on: stream.id)
        flushSoon()
    }

    /// `isComplete` when the sender has nothing more to send.
    private func refuse(_ stream: GRPCStream, _ refusal: Refusal, isComplete: Bool = false) {
        stream.progress = .answered
        stream.collector = nil
        guard !stream.isClosed else { return }
        refuse(stream.id, refusal, bytes: stream.bytesReceived, isComplete: isComplete)
    }

    private func refuse(_ id: HTTP2StreamID, _ refusal: Refusal, bytes: Int, isComplete: Bool) {
        metrics.refused(refusal.reason, at: .grpc)
        metrics.answered(refusal.reason.grpcStatus, at: .grpc, bytes: bytes)
        write(.headers(.init(headers: GRPCAnswer.refusal(refusal), endStream: true)), on: id)
        // RFC 9113, section 8.1: RST_STREAM with NO_ERROR behind a complete response asks the sender to stop sending
        // the request.
        if !isComplete { write(.rstStream(.noError), on: id) }
        flushSoon()
    }

    func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID) {
        context?.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
    }

    /// All answers of one moment go out together: those of one commit come one behind the other.
    func flushSoon() {
        // `NIOHTTP2Handler` flushes at the end of each read.
        guard !isReading, !isFlushDue else { return }
        isFlushDue = true
        eventLoop.assumeIsolated().execute {
            self.isFlushDue = false
            self.context?.flush()
        }
    }

    // MARK: Streams and windows

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let window as NIOHTTP2WindowUpdatedEvent: keepOpen(window)
        case let closed as StreamClosedEvent:
            guard let stream = streams.removeValue(forKey: closed.streamID) else { return }
            stream.isClosed = true
            closeWhenDone()
        case is ChannelShouldQuiesceEvent: beginDeparture()
        default: break
        }
    }

    /// What has arrived is in the budget, so its sender may send as much again.
    private func keepOpen(_ window: NIOHTTP2WindowUpdatedEvent) {
        guard let size = window.inboundWindowSize, size <= Self.windowBytes / 2 else { return }
        if window.streamID != .rootStream {
            guard let stream = streams[window.streamID], stream.isReceiving else { return }
        }
        write(.windowUpdate(windowSizeIncrement: Self.windowBytes - size), on: window.streamID)
        flushSoon()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        watchBodies()
        context.fireChannelReadComplete()
    }

    /// Refuses the requests that do not arrive in time. One timer for all of them, which is there only when a read has
    /// left a request unfinished.
    private func watchBodies() {
        guard bodyTimer == nil else { return }
        let now = NIODeadline.now()
        var next: NIODeadline?
        var late: [GRPCStream] = []
        for stream in streams.values where stream.isReceiving {
            let due = limits.bodyIsDue(began: stream.began, bytes: stream.bytesReceived)
            if due <= now { late.append(stream) } else { next = min(next ?? due, due) }
        }
        for stream in late { refuse(stream, .stalled) }
        guard let next else { return }
        // A request that begins later may be due earlier, but not before the timeout.
        bodyTimer = schedule(at: min(next, now + TimeAmount(limits.bodyTimeout))) {
            self.bodyTimer = nil
            self.watchBodies()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch departure {
        case .none:
            // Of one stream, which has been reset; the others go on. What is wrong with the connection is met while
            // reading, and comes behind a GOAWAY that says so.
            if error is any NIOHTTP2Error, !written.hasError { return }
            hangUp()
        case .announced, .finishing:
            // RFC 9113, section 6.8: behind a GOAWAY other streams may have begun before it was read. Each is refused.
            if error is NIOHTTP2Errors.StreamError { return }
            finishWhatIsWhole()
        case .said: break
        }
    }

    /// Nothing more can be understood: what has come whole is answered, and nothing else is waited for.
    private func finishWhatIsWhole() {
        for stream in streams.values where stream.isReceiving {
            stream.isClosed = true
            streams[stream.id] = nil
        }
        finishDeparture()
    }

    // MARK: Who does not read, or has nothing more to say

    /// Whoever does not read its answers is not read either, and after a while is let go.
    func read(context: ChannelHandlerContext) {
        guard !context.channel.isWritable else { return context.read() }
        isReadHeld = true
        guard stuckTimer == nil else { return }
        stuckTimer = schedule(at: .now() + TimeAmount(limits.bodyTimeout)) {
            self.context?.close(promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stuckTimer?.cancel()
            stuckTimer = nil
            if isReadHeld {
                isReadHeld = false
                context.read()
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func schedule(at deadline: NIODeadline, _ task: @escaping () -> Void) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(deadline: deadline, task)
    }
}
