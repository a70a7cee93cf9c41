// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
package import NIOSSL
import OTLPWire
import Synchronization
package import TelemetryModel

/// A receiver of OTLP on 127.0.0.1 that goes wrong as its script says, on real sockets, and keeps what it got.
///
/// The operating system chooses the port. The faults of the script are used up one after another, each by a
/// connection or a request; `otherwise` is for all after them.
package final class FaultyReceiver: Sendable {
    package enum Wire: Sendable, CaseIterable {
        case http
        case grpc
    }

    package struct Request: Sendable {
        package var path: String
        /// Names in lower case.
        package var headers: [(String, String)]
        /// In gRPC the message.
        package var body: [UInt8]
        /// Numbered from 0 in the order in which connections were made.
        package var connection: Int

        package func header(_ name: String) -> String? { headers.first { $0.0 == name }?.1 }
    }

    private let wire: Wire
    private let tls: NIOSSLContext?
    private let log: ReceiverLog
    private let holder: HeldPort
    private let listener = Mutex<(any Channel)?>(nil)

    /// Starts one.
    package static func start(
        _ wire: Wire, _ script: [Fault] = [], otherwise: Fault? = nil, tls: NIOSSLContext? = nil
    ) async throws -> FaultyReceiver {
        let otherwise =
            switch wire {
            case .http: otherwise ?? .success()
            case .grpc: otherwise ?? .grpcSuccess()
            }
        let receiver = FaultyReceiver(
            wire, ReceiverLog(script, otherwise: otherwise), try HeldPort(), tls: tls)
        if !receiver.log.isRefusing { try await receiver.listen() }
        return receiver
    }

    private init(_ wire: Wire, _ log: ReceiverLog, _ holder: HeldPort, tls: NIOSSLContext?) {
        self.wire = wire
        self.log = log
        self.holder = holder
        self.tls = tls
    }

    deinit {
        listener.withLock { $0 }?.close(promise: nil)
        for channel in log.open { channel.close(promise: nil) }
    }

    package var port: Int { holder.number }

    /// What to give to an exporter.
    package var endpoint: String {
        "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)" + (wire == .http ? "/v1/traces" : "")
    }

    /// The requests that have arrived whole, in order.
    package var requests: [Request] { log.requests }
    /// Connections that were ever made.
    package var connectionCount: Int { log.connections }

    /// The spans of all requests that arrived whole; those of a request that came twice are here twice.
    package var spans: [SpanData] {
        requests.compactMap { try? OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: $0.body) }
            .flatMap(\.resourceSpans).flatMap(\.scopeSpans).flatMap(\.spans)
    }

    /// An attempt is over and another will be made: a refusal, which the receiver cannot see, is used up.
    package func nextAttempt() async throws {
        let isListening = listener.withLock { $0 != nil }
        if !isListening, !log.refused() { try await listen() }
    }

    /// Closes the port and every connection.
    package func stop() async {
        let channel = listener.withLock { channel in
            defer { channel = nil }
            return channel
        }
        try? await channel?.close()
        for channel in log.open { try? await channel.close() }
    }

    private func listen() async throws {
        let (log, wire, tls) = (log, wire, tls)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.setUp(channel, wire, log, tls) }
            }
            .bind(host: "127.0.0.1", port: port).get()
        listener.withLock { $0 = channel }
    }

    private static func setUp(
        _ channel: any Channel, _ wire: Wire, _ log: ReceiverLog, _ tls: NIOSSLContext?
    ) throws {
        let (number, fault) = log.opened(channel)
        channel.closeFuture.whenComplete { _ in log.closed(channel) }
        let pipeline = channel.pipeline.syncOperations
        switch fault {
        case .resetConnection: return channel.reset()
        case .silentConnection: return
        default: break
        }
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        if case .garbage(let text) = fault { return try pipeline.addHandler(GarbageHandler(text)) }
        switch wire {
        case .http:
            try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
            try pipeline.addHandler(HTTPFaultHandler(log, connection: number))
        case .grpc:
            var code: HTTP2ErrorCode?
            if case .goAwayAtStart(let given) = fault { code = given }
            try pipeline.addHandler(NIOHTTP2Handler(mode: .server))
            try pipeline.addHandler(GRPCFaultHandler(log, connection: number, goAwayAtStart: code))
        }
    }
}

/// Says the same to everybody.
private final class GarbageHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let text: String
    private var hasSpoken = false

    init(_ text: String) { self.text = text }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasSpoken else { return }
        hasSpoken = true
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)))
            .whenComplete { _ in channel.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
