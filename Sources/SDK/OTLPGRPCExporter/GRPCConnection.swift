// SPDX-License-Identifier: Apache-2.0

import ExportSecurity
import NIOCore
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// A connection over which calls go, HTTP/2 with or without TLS.
///
/// It ends when the receiver says GOAWAY, closes it, or breaks the protocol; or when somebody closes it.
final class GRPCConnection: Sendable {
    /// How long connecting may take, and then the handshake of TLS.
    static let standardConnectTimeout = TimeAmount.seconds(10)
    /// Bytes of the headers of an answer: the details of a status stand among them.
    private static let headerBytesMax = 64 << 10
    /// Pings and settings of the receiver in a second; more end the connection. gRPC's servers may send a ping with
    /// each request, to learn how much is on its way: swift-nio-http2's own 200 in 30 s would be used up in no time.
    private static let controlFramesMax = 2_000

    let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let state = Mutex(State())

    private struct State {
        var isRetired = false
        var callsUnderWay = 0
        var lastHeard = NIODeadline.now()
    }

    private init(_ channel: any Channel, _ multiplexer: NIOHTTP2Handler.StreamMultiplexer) {
        self.channel = channel
        self.multiplexer = multiplexer
    }

    /// Connects; with `tls`, the handshake is done when the future is fulfilled. It fails with ``Failure``.
    static func dial(
        _ host: String, port: Int, tls: NIOSSLContext?, on eventLoop: any EventLoop,
        connectTimeout: TimeAmount = standardConnectTimeout
    ) -> EventLoopFuture<GRPCConnection> {
        let ready = eventLoop.makePromise(of: GRPCConnection.self)
        let made = ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        // An address in numbers is no name to ask for (RFC 6066, section 3); the certificate is
                        // then compared with the address of the socket.
                        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
                    }
                    let multiplexer = try pipeline.configureHTTP2Pipeline(
                        mode: .client, connectionConfiguration: connectionConfiguration,
                        streamConfiguration: .init()
                    ) { pushed in
                        // SETTINGS_ENABLE_PUSH says that none may come.
                        pushed.close()
                    }
                    let connection = GRPCConnection(channel, multiplexer)
                    try pipeline.addHandler(
                        ConnectionWatch(
                            connection, ready: ready, handshakeTimeout: tls == nil ? nil : connectTimeout))
                }
            }
            .connect(host: host, port: port)
        made.whenFailure { ready.fail(Failure($0)) }
        return ready.futureResult
    }

    private static var connectionConfiguration: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerBytesMax),
        ]
        configuration.controlFrameRateLimit.maximumCount = controlFramesMax
        configuration.controlFrameRateLimit.windowLength = .seconds(1)
        return configuration
    }

    /// False when no further call goes over it.
    var isUsable: Bool { channel.isActive && state.withLock { !$0.isRetired } }

    /// Sends the call's request on a stream of its own.
    func send(_ call: GRPCCall) {
        guard call.begin(over: self) else { return }
        state.withLock { $0.callsUnderWay += 1 }
        let made = channel.eventLoop.makePromise(of: (any Channel).self)
        made.futureResult.whenFailure {
            call.finish(.lost("the connection was lost: \(ConnectionFailure.reason($0))"))
        }
        multiplexer.createStreamChannel(promise: made) { [self] stream in
            stream.closeFuture.whenComplete { [self] _ in callEnded() }
            return stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(GRPCCallHandler(call))
            }
        }
    }

    private func callEnded() {
        let isDone = state.withLock { state in
            state.callsUnderWay -= 1
            return state.isRetired && state.callsUnderWay == 0
        }
        if isDone { close() }
    }

    /// Takes no further call, and closes when those under way have ended.
    func retire() {
        let isIdle = state.withLock { state in
            state.isRetired = true
            return state.callsUnderWay == 0
        }
        if isIdle { close() }
    }

    /// Ends what is under way. No other call goes over it, though over TLS it stays open until the receiver has said
    /// goodbye, or has had its time for that.
    func close() {
        state.withLock { $0.isRetired = true }
        channel.close(promise: nil)
    }

    /// Something has come, of whatever call.
    func noteHeard() { state.withLock { $0.lastHeard = .now() } }

    /// Whether nothing at all has come since the call began: the other end is gone, most likely, without the system
    /// having noticed.
    func hasBeenSilent(during call: GRPCCall) -> Bool {
        !call.hasHeard && state.withLock { $0.lastHeard < call.began }
    }

    /// Why a connection did not come about, without names or secrets.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ error: any Error) {
            description = (error as? Failure)?.description ?? ConnectionFailure.reason(error)
        }

        init(_ description: String) { self.description = description }
    }
}

/// Stands behind HTTP/2 and sees what concerns the whole connection.
private final class ConnectionWatch: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private let connection: GRPCConnection
    private var ready: EventLoopPromise<GRPCConnection>?
    /// Nil without TLS.
    private let handshakeTimeout: TimeAmount?
    private var handshakeTimer: Scheduled<Void>?
    private var failure: (any Error)?

    init(
        _ connection: GRPCConnection, ready: EventLoopPromise<GRPCConnection>, handshakeTimeout: TimeAmount?
    ) {
        self.connection = connection
        self.ready = ready
        self.handshakeTimeout = handshakeTimeout
    }

    private func resolve(_ result: Result<GRPCConnection, any Error>) {
        handshakeTimer?.cancel()
        handshakeTimer = nil
        ready?.completeWith(result)
        ready = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if let handshakeTimeout {
            // Whoever takes the connection and never answers would be waited for without end.
            handshakeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: handshakeTimeout) { [self] in
                let milliseconds = handshakeTimeout.nanoseconds / 1_000_000
                resolve(.failure(GRPCConnection.Failure("no handshake of TLS within \(milliseconds) ms")))
                connection.close()
            }
        } else {
            resolve(.success(connection))
        }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent {
            // RFC 9113, section 3.3: "Implementations that support HTTP/2 over TLS MUST use protocol negotiation in
            // TLS"; a receiver that negotiates nothing may still speak it.
            if let negotiated, negotiated != "h2" {
                resolve(.failure(GRPCConnection.Failure("the receiver speaks \(negotiated), not HTTP/2")))
                connection.close()
            } else {
                resolve(.success(connection))
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.noteHeard()
        if case .goAway = unwrapInboundIn(data).payload { connection.retire() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Also one of a single stream, which cannot be told from others here: exports go one after the other, so there
        // is hardly ever another call that would suffer, and the next has a new connection.
        failure = failure ?? error
        resolve(.failure(GRPCConnection.Failure(error)))
        connection.close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        resolve(
            .failure(failure.map(GRPCConnection.Failure.init) ?? .init("the receiver closed the connection")))
        context.fireChannelInactive()
    }
}
