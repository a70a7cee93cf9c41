// SPDX-License-Identifier: Apache-2.0

import GzipFixtures
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
package import OTLPWire
import Synchronization
package import TelemetryModel

/// A receiver of OTLP/HTTP on 127.0.0.1 that answers as its script says and keeps what it got.
///
/// The operating system chooses the port. Answers of the script are used one for each request, in order; then
/// `otherwise` answers the rest.
package final class LoopbackOTLPReceiver: Sendable {
    /// What to do with one request.
    package enum Reply: Sendable {
        /// A `Content-Length` among the headers may promise more than the body has.
        case answer(
            status: Int, headers: [(String, String)] = [], body: [UInt8] = [], after: Duration = .zero)
        /// Keeps the connection open and says nothing.
        case hang
        /// Closes the connection without an answer.
        case disconnect

        /// 200 with an empty `ExportTraceServiceResponse`.
        package static let success = Reply.answer(status: 200, headers: protobuf)

        /// 200, but `rejected` spans were not taken.
        package static func partial(rejected: Int64, message: String) -> Reply {
            let response = ExportTraceServiceResponse(
                partialSuccess: .init(rejectedSpans: rejected, errorMessage: message))
            return .answer(status: 200, headers: protobuf, body: OTLPProtobuf.encode(response))
        }

        /// An error with a `google.rpc.Status` as body.
        package static func error(_ status: Int, message: String = "", retryAfter: String? = nil) -> Reply {
            .answer(
                status: status, headers: protobuf + (retryAfter.map { [("Retry-After", $0)] } ?? []),
                body: OTLPProtobuf.encode(RPCStatus(message: message)))
        }

        private static let protobuf = [("Content-Type", "application/x-protobuf")]
    }

    package struct Request: Sendable {
        package var method: String
        /// Path and query.
        package var uri: String
        package var headers: [(String, String)]
        package var body: [UInt8]
        /// Numbered from 0 in the order in which connections were made.
        package var connection: Int

        /// The first header of this name, in any case.
        package func header(_ name: String) -> String? {
            headers.first { $0.0.lowercased() == name.lowercased() }?.1
        }

        /// The body as it was before compression.
        package var plainBody: [UInt8] {
            header("content-encoding") == "gzip" ? gunzip(body) ?? [] : body
        }

        /// The body as an export request, in JSON or protobuf.
        package func traces() throws -> ExportTraceServiceRequest {
            header("content-type") == "application/json"
                ? try OTLPJSON.decode(ExportTraceServiceRequest.self, from: plainBody)
                : try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: plainBody)
        }
    }

    fileprivate struct State {
        var script: [Reply]
        var requests: [Request] = []
        var connections = 0
        var open: [ObjectIdentifier: any Channel] = [:]
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let log: ReceiverLog
    private let listener: Mutex<(any Channel)?>
    /// The port that the operating system chose.
    package let port: Int

    /// The URL of its traces.
    package var endpoint: String { "http://127.0.0.1:\(port)/v1/traces" }

    /// Starts one; it answers `script` first, then `otherwise` always.
    package static func start(
        _ script: [Reply] = [], otherwise: Reply = .success, tls: LoopbackTLS? = nil
    ) async throws -> LoopbackOTLPReceiver {
        // Connections know the log, not the receiver: nothing but its users keeps that alive.
        let log = ReceiverLog(script, otherwise: otherwise)
        let context = try tls?.context()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(LoopbackHandler(log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return LoopbackOTLPReceiver(channel, port: channel.localAddress?.port ?? 0, log)
    }

    private init(_ channel: any Channel, port: Int, _ log: ReceiverLog) {
        listener = Mutex(channel)
        self.port = port
        self.log = log
    }

    /// What has arrived, in order.
    package var requests: [Request] { log.state.withLock(\.requests) }

    /// The spans of all requests.
    package var spans: [SpanData] {
        requests.compactMap { try? $0.traces() }.flatMap(\.resourceSpans).flatMap(\.scopeSpans).flatMap(
            \.spans)
    }

    /// Connections that were ever made.
    package var connectionCount: Int { log.state.withLock(\.connections) }

    /// Waits until `count` requests have arrived whole.
    package func requests(atLeast count: Int) async -> [Request] {
        await withCheckedContinuation { continuation in
            let isThere = log.state.withLock { state in
                if state.requests.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return requests
    }

    /// Closes the port and every connection.
    package func stop() async {
        let channel = listener.withLock { channel in
            defer { channel = nil }
            return channel
        }
        try? await channel?.close()
        for channel in log.state.withLock({ Array($0.open.values) }) { try? await channel.close() }
    }

    deinit {
        listener.withLock { $0 }?.close(promise: nil)
        for channel in log.state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
    }
}

/// What the connections of a receiver write down, and what they are to answer.
private final class ReceiverLog: Sendable {
    let state: Mutex<LoopbackOTLPReceiver.State>
    private let otherwise: LoopbackOTLPReceiver.Reply

    init(_ script: [LoopbackOTLPReceiver.Reply], otherwise: LoopbackOTLPReceiver.Reply) {
        state = Mutex(LoopbackOTLPReceiver.State(script: script))
        self.otherwise = otherwise
    }

    func opened(_ channel: any Channel) -> Int {
        state.withLock { state in
            state.open[ObjectIdentifier(channel)] = channel
            defer { state.connections += 1 }
            return state.connections
        }
    }

    func closed(_ channel: any Channel) {
        state.withLock { state in
            state.open[ObjectIdentifier(channel)] = nil
        }
    }

    func received(_ request: LoopbackOTLPReceiver.Request) -> LoopbackOTLPReceiver.Reply {
        let (reply, ready) = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return (state.script.isEmpty ? otherwise : state.script.removeFirst(), ready)
        }
        for waiter in ready { waiter.continuation.resume() }
        return reply
    }
}

private final class LoopbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: ReceiverLog
    private var connection = 0
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ log: ReceiverLog) { self.log = log }

    func channelActive(context: ChannelHandlerContext) {
        connection = log.opened(context.channel)
    }

    func channelInactive(context: ChannelHandlerContext) {
        log.closed(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return context.close(promise: nil) }
            let request = LoopbackOTLPReceiver.Request(
                method: head.method.rawValue, uri: head.uri,
                headers: head.headers.map { ($0.name, $0.value) },
                body: body, connection: connection)
            reply(log.received(request), context)
        }
    }

    private func reply(_ reply: LoopbackOTLPReceiver.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .hang: return
        case .disconnect: context.close(promise: nil)
        case .answer(let status, let headers, let body, let delay):
            let loop = NIOLoopBound(context, eventLoop: context.eventLoop)
            let write: @Sendable () -> Void = {
                let context = loop.value
                var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
                for (name, value) in headers { head.headers.add(name: name, value: value) }
                if !head.headers.contains(name: "Content-Length") {
                    head.headers.add(name: "Content-Length", value: "\(body.count)")
                }
                context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
                context.write(
                    NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
                context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
            }
            if delay == .zero {
                write()
            } else {
                context.eventLoop.scheduleTask(in: TimeAmount(delay), write)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
