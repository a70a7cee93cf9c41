// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Stands first on a connection and turns away those who speak the other HTTP than the port does.
///
/// Exporters are sent to the wrong one of the two OTLP ports every day. Without this, HTTP/1.1 gets the
/// bytes of an HTTP/2 frame for an answer, and nobody says anything where the server's log is read.
package final class WrongProtocolHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    package enum Spoken: Sendable {
        case http1, http2
    }

    private enum State {
        /// The beginning is not long enough to tell.
        case undecided(ByteBuffer)
        case right, wrong
    }

    private let spoken: Spoken
    private let advice: String
    private let turnedAway: @Sendable (String) -> Void
    private var state = State.undecided(ByteBuffer())
    /// HTTP/2 servers speak first, which HTTP/1.1 would take for the answer.
    private var held: [(NIOAny, EventLoopPromise<Void>?)] = []

    /// How long an answer may take to be read before the connection is closed.
    private static let closeDelay = TimeAmount.seconds(1)

    /// - Parameters:
    ///   - spoken: What the port speaks.
    ///   - advice: For those who speak the other: ASCII without line breaks.
    ///   - turnedAway: Called with the advice for each of them.
    package init(
        _ spoken: Spoken, advice: String, turnedAway: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.spoken = spoken
        self.advice = advice
        self.turnedAway = turnedAway
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .right: context.fireChannelRead(data)
        case .wrong: break
        case .undecided(var bytes):
            bytes.writeImmutableBuffer(unwrapInboundIn(data))
            switch Self.isForeign(bytes.readableBytesView, on: spoken) {
            case nil: state = .undecided(bytes)
            case false?:
                state = .right
                releaseHeld(context)
                context.fireChannelRead(wrapInboundOut(bytes))
                // Everything is let through from now on, which costs something each time.
                context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            case true?:
                state = .wrong
                refuse(context)
            }
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch state {
        case .right: context.write(data, promise: promise)
        case .undecided: held.append((data, promise))
        case .wrong: promise?.fail(ChannelError.outputClosed)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        failHeld()
        context.fireChannelInactive()
    }

    package func handlerRemoved(context: ChannelHandlerContext) { failHeld() }

    private func releaseHeld(_ context: ChannelHandlerContext) {
        guard !held.isEmpty else { return }
        for (data, promise) in held { context.write(data, promise: promise) }
        held = []
        context.flush()
    }

    private func failHeld() {
        let promises = held.map(\.1)
        held = []
        for promise in promises { promise?.fail(ChannelError.outputClosed) }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        failHeld()
        turnedAway(advice)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        // Closed at once with bytes unread, the kernel would take the answer back (RST).
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.closeDelay) { channel.close(promise: nil) }
    }

    /// The connection preface of HTTP/2 (RFC 9113, 3.4) as far as no method of HTTP/1.1 begins so.
    private static let preface = Array("PRI ".utf8)
    private static let methods = ["GET ", "POST", "PUT ", "HEAD", "OPTI", "DELE", "PATC"].map {
        Array($0.utf8)
    }

    /// Nil when there are too few bytes to tell.
    static func isForeign(_ bytes: some Collection<UInt8>, on spoken: Spoken) -> Bool? {
        let beginnings =
            switch spoken {
            case .http1: [preface]
            case .http2: methods
            }
        let head = Array(bytes.prefix(preface.count))
        guard beginnings.contains(where: { $0.starts(with: head) }) else { return false }
        return head.count == preface.count ? true : nil
    }

    // In HTTP/1.1 to both. A GOAWAY of HTTP/2 could carry the words too, but grpc takes it for the end of a
    // connection that was good, and comes back sixty times a second instead of waiting longer each time.
    private var answer: [UInt8] {
        Array(
            """
            HTTP/1.1 400 Bad Request\r
            content-type: text/plain; charset=utf-8\r
            content-length: \(advice.utf8.count + 1)\r
            connection: close\r
            \r
            \(advice)

            """.utf8)
    }
}
