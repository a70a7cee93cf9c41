// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import NIOPosix

/// Whether `NIOHTTP2Handler` has told the other side of an error of the connection. It reports these and those of one
/// stream alike. On one event loop.
final class WrittenGoAway: NIOHTTP2FrameDelegate {
    private(set) var hasError = false

    func wroteFrame(_ frame: HTTP2Frame) {
        if case .goAway(_, let code, _) = frame.payload, code != .noError { hasError = true }
    }
}

/// OTLP/gRPC on a socket that listens already.
package final class OTLPGRPCServer: Sendable {
    private let socket: CInt
    private let calls: OTLPGRPCCalls
    private let adviceForHTTP1: String
    private let turnedAway: @Sendable (String) -> Void
    private let connections = ConnectionSet()

    /// Bytes of one HTTP/2 frame, at most: fewer frames for the same batch.
    private static let frameBytesMax = 64 << 10
    /// Requests of one connection at one moment; a sender waits with the next.
    private static let streamsPerConnectionMax = 128

    /// Takes over `listeningSocket`, a file descriptor, and closes it at the end.
    ///
    /// `adviceForHTTP1` is for those who come with HTTP/1.1; `turnedAway` is called with it each time.
    package init(
        listeningSocket: CInt, ingest: TraceIngest, logs: LogsIngest, adviceForHTTP1: String,
        turnedAway: @escaping @Sendable (String) -> Void
    ) {
        socket = listeningSocket
        calls = OTLPGRPCCalls(ingest: ingest, logs: logs)
        self.adviceForHTTP1 = adviceForHTTP1
        self.turnedAway = turnedAway
    }

    /// Serves until ``beginGracefulShutdown()`` and until the requests then under way have been answered, or until
    /// cancellation, which closes all connections.
    package func run() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Whoever is gone without a word is noticed by the kernel.
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelInitializer { [connections, calls, adviceForHTTP1, turnedAway] channel in
                connections.add(channel)
                calls.ingest.metrics.count(channel, at: .grpc)
                return channel.eventLoop.makeCompletedFuture {
                    let written = WrittenGoAway()
                    try channel.pipeline.syncOperations.addHandlers([
                        WrongProtocolHandler(.http2, advice: adviceForHTTP1, turnedAway: turnedAway),
                        Self.http2Handler(written),
                        GRPCConnectionHandler(
                            calls, on: channel.eventLoop, executor: ConnectionTasks.shared.loop(of: channel),
                            written: written),
                    ])
                }
            }
            .withBoundSocket(socket).get()
        guard connections.open(listener) else { return try await listener.close() }
        await withTaskCancellationHandler {
            await connections.allClosed()
        } onCancel: {
            connections.closeAll()
        }
    }

    /// Stops accepting; ``run()`` returns when the requests under way have been answered.
    package func beginGracefulShutdown() { connections.quiesce() }

    /// PING and SETTINGS frames of one connection within a second; more is a flood. Senders in Go ask with a PING after
    /// each answer how wide the way is, and swift-nio-http2's own limit, 200 in 30 seconds, would end their
    /// connections.
    private static let controlFramesMax = 2_000

    private static func http2Handler(_ written: WrittenGoAway) -> NIOHTTP2Handler {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streamsPerConnectionMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: HPACKDecoder.defaultMaxHeaderListSize),
            HTTP2Setting(parameter: .initialWindowSize, value: GRPCConnectionHandler.windowBytes),
            HTTP2Setting(parameter: .maxFrameSize, value: frameBytesMax),
        ]
        // Requests that were refused before their end: what is still under way of them is let pass.
        connection.maximumRecentlyResetStreams = streamsPerConnectionMax
        connection.controlFrameRateLimit.maximumCount = controlFramesMax
        connection.controlFrameRateLimit.windowLength = .seconds(1)
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.windowLength = .seconds(10)
        return NIOHTTP2Handler(
            mode: .server, frameDelegate: written, connectionConfiguration: connection,
            streamConfiguration: stream)
    }
}
