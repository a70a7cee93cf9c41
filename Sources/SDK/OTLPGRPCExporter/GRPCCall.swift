// SPDX-License-Identifier: Apache-2.0

import ExportSecurity
import NIOCore
import NIOHPACK
import NIOHTTP2
import Synchronization

/// One request and its answer.
final class GRPCCall: Sendable {
    let headers: HPACKHeaders
    /// The message behind its prefix.
    let body: ByteBuffer
    let began = NIODeadline.now()

    private struct State {
        var outcome: GRPCOutcome?
        var waiting: CheckedContinuation<GRPCOutcome, Never>?
        /// What it is sent over.
        var connection: GRPCConnection?
        var stream: (any Channel)?
        var deadline: Scheduled<Void>?
        var isSent = false
        var hasHeard = false
    }

    private let state = Mutex(State())

    init(headers: HPACKHeaders, body: ByteBuffer) {
        self.headers = headers
        self.body = body
    }

    /// Called by the connection that sends it; false when it is finished already.
    func begin(over connection: GRPCConnection) -> Bool {
        state.withLock { state in
            guard state.outcome == nil else { return false }
            state.connection = connection
            return true
        }
    }

    /// Had no answer in time: over a connection on which nothing came meanwhile, no other is sent.
    func noteLate() {
        let connection = state.withLock { $0.connection }
        if let connection, connection.hasBeenSilent(during: self) { connection.close() }
    }

    var isFinished: Bool { state.withLock { $0.outcome != nil } }
    /// Whether anything of an answer has come.
    var hasHeard: Bool { state.withLock { $0.hasHeard } }

    /// Waits until it is finished, at the latest at `deadline`.
    func outcome(before deadline: NIODeadline, on eventLoop: any EventLoop) async -> GRPCOutcome {
        let scheduled =
            deadline == .distantFuture
            ? nil : eventLoop.scheduleTask(deadline: deadline) { self.finish(.late) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state in
                    if state.outcome == nil {
                        state.waiting = continuation
                        state.deadline = scheduled
                    }
                    return state.outcome
                }
                guard let outcome else { return }
                scheduled?.cancel()
                continuation.resume(returning: outcome)
            }
        } onCancel: {
            finish(.lost("the export was given up"))
        }
    }

    /// The first outcome counts. A stream that the receiver has not ended, or the request has not left whole, is reset.
    func finish(_ outcome: GRPCOutcome, isStreamEnded: Bool = false) {
        let (waiting, deadline, abandoned) = state.withLock { state in
            guard state.outcome == nil else {
                return (
                    nil as CheckedContinuation<GRPCOutcome, Never>?, nil as Scheduled<Void>?,
                    nil as (any Channel)?
                )
            }
            state.outcome = outcome
            defer { (state.waiting, state.deadline, state.stream) = (nil, nil, nil) }
            return (state.waiting, state.deadline, isStreamEnded && state.isSent ? nil : state.stream)
        }
        deadline?.cancel()
        waiting?.resume(returning: outcome)
        // RFC 9113, "Stream Closing": what is not complete is reset, which tells the receiver not to go on.
        abandoned?.close(promise: nil)
    }

    /// False when it is finished already, and nothing is to be sent.
    fileprivate func begin(on stream: any Channel) -> Bool {
        state.withLock { state in
            guard state.outcome == nil else { return false }
            state.stream = stream
            return true
        }
    }

    fileprivate func noteSent() { state.withLock { $0.isSent = true } }

    fileprivate func noteHeard() {
        let connection = state.withLock { state in
            state.hasHeard = true
            return state.connection
        }
        connection?.noteHeard()
    }
}

/// Sends a call's request on its stream, and reads the answer.
final class GRPCCallHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let call: GRPCCall
    private var reader = GRPCAnswerReader()
    private var failure: (any Error)?

    init(_ call: GRPCCall) { self.call = call }

    func channelActive(context: ChannelHandlerContext) {
        guard call.begin(on: context.channel) else { return context.close(promise: nil) }
        context.write(wrapOutboundOut(.headers(.init(headers: call.headers))), promise: nil)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenSuccess { [call] in call.noteSent() }
        context.writeAndFlush(
            wrapOutboundOut(.data(.init(data: .byteBuffer(call.body), endStream: true))), promise: sent)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !call.isFinished else { return }
        call.noteHeard()
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            if let outcome = reader.headers(frame.headers, isEnd: frame.endStream) {
                call.finish(outcome, isStreamEnded: frame.endStream)
            }
        case .data(let frame):
            guard case .byteBuffer(let bytes) = frame.data else { return }
            if let outcome = reader.data(bytes, isEnd: frame.endStream) {
                call.finish(outcome, isStreamEnded: frame.endStream)
            }
        case .rstStream(let code):
            call.finish(.lost("the receiver reset the stream (\(code))"), isStreamEnded: true)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = failure ?? error
        // Closed streams get here first, and then become inactive.
        if !(error is NIOHTTP2Errors.StreamClosed) { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        call.finish(.lost(Self.reason(failure)))
        context.fireChannelInactive()
    }

    private static func reason(_ error: (any Error)?) -> String {
        switch error {
        case nil: "the connection was lost"
        case let closed as NIOHTTP2Errors.StreamClosed: "the receiver reset the stream (\(closed.errorCode))"
        case let error?: "the connection was lost: \(ConnectionFailure.reason(error))"
        }
    }
}
