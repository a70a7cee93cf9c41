// SPDX-License-Identifier: Apache-2.0

package import GRPCCore
import GRPCNIOTransportHTTP2
package import OTLPWire
import Synchronization
package import TelemetryModel

/// A receiver of OTLP/gRPC on 127.0.0.1 that answers as its script says and keeps what it got.
///
/// The operating system chooses the port. Answers of the script are used one for each request, in order; then
/// every request succeeds.
package final class LoopbackGRPCReceiver: Sendable {
    /// What to do with one request.
    package enum Reply: Sendable {
        case success(ExportTraceServiceResponse = .init())
        case failure(RPCError.Code, message: String = "", details: [RPCStatus.Detail] = [])
        /// Says nothing until ``stop()``.
        case hang
    }

    package struct Request: Sendable {
        package var metadata: Metadata
        package var message: [UInt8]

        package func header(_ name: String) -> String? { metadata[stringValues: name].first { _ in true } }

        package func traces() throws -> ExportTraceServiceRequest {
            try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: message)
        }
    }

    private struct State {
        var script: [Reply]
        var requests: [Request] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var isStopped = false
        var hanging: [CheckedContinuation<Void, Never>] = []
    }

    private final class Log: Sendable {
        let state: Mutex<State>
        init(_ script: [Reply]) { state = Mutex(State(script: script)) }

        func received(_ request: Request) -> Reply {
            let (reply, ready) = state.withLock { state in
                state.requests.append(request)
                let count = state.requests.count
                let ready = state.waiters.filter { $0.count <= count }
                state.waiters.removeAll { $0.count <= count }
                return (state.script.isEmpty ? Reply.success() : state.script.removeFirst(), ready)
            }
            for waiter in ready { waiter.continuation.resume() }
            return reply
        }

        func hang() async {
            await withCheckedContinuation { continuation in
                let isStopped = state.withLock { state in
                    if !state.isStopped { state.hanging.append(continuation) }
                    return state.isStopped
                }
                if isStopped { continuation.resume() }
            }
        }

        func stop() {
            let hanging = state.withLock { state in
                state.isStopped = true
                defer { state.hanging = [] }
                return state.hanging
            }
            for continuation in hanging { continuation.resume() }
        }
    }

    private let log: Log
    private let server: GRPCServer<HTTP2ServerTransport.Posix>
    private let serving: Task<Void, Never>
    /// The port that the operating system chose.
    package let port: Int

    /// What to give to an exporter.
    package var endpoint: String { "http://127.0.0.1:\(port)" }

    /// Starts one.
    package static func start(_ script: [Reply] = [], tls: LoopbackTLS? = nil) async throws
        -> LoopbackGRPCReceiver
    {
        let log = Log(script)
        var router = RPCRouter<HTTP2ServerTransport.Posix>()
        router.registerHandler(
            forMethod: MethodDescriptor(
                fullyQualifiedService: "opentelemetry.proto.collector.trace.v1.TraceService", method: "Export"
            ),
            deserializer: Bytes(), serializer: Bytes()
        ) { request, _ in
            var message: [UInt8] = []
            for try await part in request.messages { message.append(contentsOf: part) }
            switch log.received(Request(metadata: request.metadata, message: message)) {
            case .success(let response):
                return StreamingServerResponse(single: ServerResponse(message: OTLPProtobuf.encode(response)))
            case .failure(let code, let message, let details):
                var metadata = Metadata()
                if !details.isEmpty {
                    let status = RPCStatus(code: Int32(code.rawValue), message: message, details: details)
                    metadata.addBinary(OTLPProtobuf.encode(status), forKey: "grpc-status-details-bin")
                }
                throw RPCError(code: code, message: message, metadata: metadata)
            case .hang:
                await log.hang()
                throw RPCError(code: .cancelled, message: "the receiver stops")
            }
        }
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: tls?.grpc ?? .plaintext,
            config: .defaults { config in
                config.connection.maxGraceTime = .seconds(1)
                config.compression.enabledAlgorithms = [.gzip]
            })
        let server = GRPCServer(transport: transport, router: router)
        let serving = Task.detached { _ = try? await server.serve() }
        let port = try await transport.listeningAddress.ipv4?.port ?? 0
        return LoopbackGRPCReceiver(log, server, serving, port: port)
    }

    private init(
        _ log: Log, _ server: GRPCServer<HTTP2ServerTransport.Posix>, _ serving: Task<Void, Never>, port: Int
    ) {
        self.log = log
        self.server = server
        self.serving = serving
        self.port = port
    }

    deinit {
        log.stop()
        server.beginGracefulShutdown()
    }

    /// What has arrived, in order.
    package var requests: [Request] { log.state.withLock(\.requests) }

    /// The spans of all requests.
    package var spans: [SpanData] {
        requests.compactMap { try? $0.traces() }.flatMap(\.resourceSpans).flatMap(\.scopeSpans).flatMap(
            \.spans)
    }

    /// Waits until `count` requests have arrived.
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

    /// Closes the port, ends what hangs, and waits until every connection is closed.
    package func stop() async {
        log.stop()
        // Never cancelled: a request that arrives at a cancelled server of grpc-swift-nio-transport 2.9 traps in
        // NIOAsyncWriter ("Deinited NIOAsyncWriter without calling finish()").
        server.beginGracefulShutdown()
        await serving.value
    }
}

private struct Bytes: MessageSerializer, MessageDeserializer {
    func serialize<Target: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Target { Target(message) }

    func deserialize<Source: GRPCContiguousBytes>(_ serializedMessageBytes: Source) throws -> [UInt8] {
        serializedMessageBytes.withUnsafeBytes { [UInt8]($0) }
    }
}
