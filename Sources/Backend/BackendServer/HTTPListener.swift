// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OTLPReceiver

/// The threads that read and write connections.
private enum EventLoops {
    /// Those of senders.
    static let receiving = MultiThreadedEventLoopGroup.singleton
    /// Those of who asks: a question does not wait while a request is looked through.
    static let asking = MultiThreadedEventLoopGroup(numberOfThreads: 1)
}

/// Serves HTTP/1.1 on a socket that listens already.
///
/// Hummingbird's `Application` binds its port itself when it runs; here all ports are bound before the first
/// one is served. The rest (reading, routing, writing) is Hummingbird's.
final class HTTPListener<Responder: HTTPResponder>: Sendable
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    private let socket: CInt
    private let responder: Responder
    private let hosts: AdmittedHosts
    private let refusal: @Sendable (Request) -> Response
    private let limits: ReceiverLimits
    private let stalled: StalledRequestHandler.Answer
    private let adviceForGRPC: String
    private let metrics: ReceiverMetrics
    private let door: ReceiverMetrics.Door
    private let wrongProtocol: RareWarning
    private let logger: Logger
    private let connections = ConnectionSet()

    /// A connection on which no request is under way is closed after so many seconds.
    private static var idleSecondsMax: Int64 { 180 }

    /// Takes over `listeningSocket`, a file descriptor. A request for another host than `hosts` gets
    /// `refusal`, one whose body takes longer than `limits` allow `stalled`, and one over HTTP/2 the advice.
    /// All are counted in `metrics` as of this `door`.
    init(
        listeningSocket: CInt, responder: Responder, hosts: AdmittedHosts, limits: ReceiverLimits,
        logger: Logger, refusal: @escaping @Sendable (Request) -> Response,
        stalled: @escaping StalledRequestHandler.Answer, adviceForGRPC: String,
        metrics: ReceiverMetrics, door: ReceiverMetrics.Door
    ) {
        self.metrics = metrics
        self.door = door
        socket = listeningSocket
        self.limits = limits
        self.stalled = stalled
        self.adviceForGRPC = adviceForGRPC
        self.responder = responder
        self.hosts = hosts
        self.refusal = refusal
        wrongProtocol = RareWarning(logger)
        self.logger = logger
    }

    /// Serves until ``beginGracefulShutdown()`` or cancellation.
    func run() async throws {
        let child = HTTP1Channel(
            responder: { [responder, hosts, refusal, logger] request, writer, channel in
                // RFC 9110, 15.5.20: 421 "indicates that the request was directed at a server that is unable
                // or unwilling to produce an authoritative response for the target URI".
                guard hosts.admit(request.head.authority) else {
                    let response = refusal(request)
                    return try await writer.write(response: response.head, body: response.body)
                }
                try await Self.respond(to: request, with: responder, writer, channel, logger)
            },
            configuration: .init(idleTimeout: .seconds(Self.idleSecondsMax)))
        let loops = door == .ui ? EventLoops.asking : EventLoops.receiving
        let server = try await ServerBootstrap(group: loops)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A sender may close its side after the request and still wait for the answer. One that asks has gone then.
            .childChannelOption(.allowRemoteHalfClosure, value: door != .ui)
            .bind(socket) {
                [connections, limits, stalled, adviceForGRPC, metrics, door, wrongProtocol, logger] channel in
                connections.add(channel)
                metrics.count(channel, at: door)
                return child.setup(channel: channel, logger: logger).flatMapThrowing { value in
                    let pipeline = channel.pipeline.syncOperations
                    let decoder = try pipeline.context(
                        handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
                    try pipeline.addHandlers(
                        [
                            OldHTTPHandler(), RequestCountHandler(metrics, at: door),
                            StalledRequestHandler(limits, answer: stalled),
                            EarlyAnswerHandler(bytesMax: limits.requestBytesMax),
                        ],
                        position: .after(decoder.handler))
                    try pipeline.addHandler(
                        WrongProtocolHandler(.http1, advice: adviceForGRPC) {
                            wrongProtocol.warn("gRPC came to a port for HTTP/1.1: \($0)")
                        }, position: .first)
                    return value
                }
            }
        guard connections.open(server.channel) else { return try await server.channel.close() }
        try await withTaskCancellationHandler {
            try await server.executeThenClose { [door] accepted in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in accepted {
                        guard door == .ui else {
                            let loop = ConnectionTasks.shared.loop(of: connection.channel)
                            group.addTask(executorPreference: loop) { [logger] in
                                await child.handle(value: connection, logger: logger)
                            }
                            continue
                        }
                        // Questions compute, stay off the event loops, and end when nobody waits any more.
                        group.addTask { [logger] in
                            await connection.channel.whileOpen {
                                await child.handle(value: connection, logger: logger)
                            }
                        }
                    }
                }
            }
        } onCancel: {
            connections.closeAll()
        }
    }

    /// Stops accepting; ``run()`` returns when the requests under way have been answered.
    func beginGracefulShutdown() { connections.quiesce() }

    private static func respond(
        to request: Request, with responder: Responder, _ writer: consuming ResponseWriter,
        _ channel: any Channel, _ logger: Logger
    ) async throws {
        let context = Responder.Context(
            source: ApplicationRequestContextSource(channel: channel, logger: logger))
        let response: Response
        do {
            response = try await responder.respond(to: request, context: context)
        } catch {
            logger.warning("a request failed", metadata: ["error": "\(type(of: error))"])
            response = Response(status: .internalServerError)
        }
        try await writer.write(response: response.head, body: response.body)
    }
}
