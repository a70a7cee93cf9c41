// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import NIOCore

/// OTLP/gRPC on a socket that listens already.
package final class OTLPGRPCServer: Sendable {
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let connections = OpenConnections()

    /// Bytes that a sender may have under way on one stream before the receiver has taken them. Large enough
    /// that a usual batch needs no window update, small enough for hundreds of connections.
    private static let windowBytes = 1 << 20
    /// Bytes of one HTTP/2 frame, at most: fewer frames for the same batch.
    private static let frameBytesMax = 64 << 10
    /// Requests of one connection at one moment; a sender waits with the next.
    private static let streamsPerConnectionMax = 128
    /// Senders may ask whether the connection still lives, this often, also when nothing is under way.
    private static let keepalivePingIntervalMin = Duration.seconds(10)

    /// Takes over `listeningSocket`, a file descriptor, and closes it at the end.
    ///
    /// `shutdownGrace` is how long requests under way may take to end after the shutdown began; then their
    /// connections are closed. `adviceForHTTP1` is for those who come with HTTP/1.1;
    /// `turnedAway` is called with it each time.
    package init(
        listeningSocket: CInt, ingest: TraceIngest, logs: LogsIngest, shutdownGrace: Duration,
        adviceForHTTP1: String,
        turnedAway: @escaping @Sendable (String) -> Void
    ) {
        let transport = HTTP2ServerTransport.Posix(
            listeningSocketDescriptor: Int(listeningSocket), transportSecurity: .plaintext,
            config: .defaults { [connections] config in
                // The guard decompresses; the answers are too short to be compressed.
                config.compression.enabledAlgorithms = .none
                config.channelDebuggingCallbacks.onAcceptTCPConnection = { connection in
                    connections.add(connection)
                    ingest.metrics.count(connection, at: .grpc)
                    return connection.eventLoop.makeCompletedFuture {
                        try connection.pipeline.syncOperations.addHandler(
                            WrongProtocolHandler(
                                .http2, advice: adviceForHTTP1, turnedAway: turnedAway), position: .first)
                    }
                }
                config.channelDebuggingCallbacks.onAcceptHTTP2Stream = { stream in
                    stream.eventLoop.makeCompletedFuture {
                        try stream.pipeline.syncOperations.addHandler(
                            GRPCRequestGuard(ingest: ingest), position: .first)
                    }
                }
                config.rpc.maxRequestPayloadSize = ingest.limits.requestBytesMax
                config.http2.targetWindowSize = Self.windowBytes
                config.http2.maxFrameSize = Self.frameBytesMax
                config.http2.maxConcurrentStreams = Self.streamsPerConnectionMax
                config.connection.maxGraceTime = shutdownGrace
                config.connection.keepalive.clientBehavior = .init(
                    minPingIntervalWithoutCalls: Self.keepalivePingIntervalMin, allowWithoutCalls: true)
            })
        server = GRPCServer(transport: transport, services: [OTLPGRPCMethods(ingest: ingest, logs: logs)])
    }

    /// Serves until ``beginGracefulShutdown()``, or cancellation, which closes all connections besides.
    package func run() async throws {
        // grpc-swift's own task is never cancelled: a request that then arrives at grpc-swift-nio-transport 2.9
        // ends the process ("Deinited NIOAsyncWriter without calling finish()"). `maxGraceTime` ends what
        // does not end by itself, but begins only when the other side has answered a PING.
        let serving = Task(executorPreference: ConnectionTasks.shared) { [server] in
            try await server.serve()
        }
        try await withTaskCancellationHandler {
            try await serving.value
        } onCancel: { [server, connections] in
            server.beginGracefulShutdown()
            connections.closeAll()
        }
    }

    /// Stops accepting; ``run()`` returns when the requests under way have been answered.
    package func beginGracefulShutdown() async {
        // Waits until the transport has begun: before, it would not notice.
        _ = try? await server.transport.listeningAddress
        server.beginGracefulShutdown()
    }
}
