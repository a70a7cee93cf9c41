// SPDX-License-Identifier: Apache-2.0

import ExportSecurity
import ExportTasks
import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
import NIOPosix
import OTLPWire
import Synchronization
package import TelemetrySDK

/// OTLP/gRPC: one unary call for each request. Source: OTLP 1.11.0, "OTLP/gRPC".
package final class GRPCTransport: OTLPTransport {
    package static let headerRules = ExportHeaderRules.grpc

    private static let securePort = 443
    private static let plainPort = 80

    private let method: MethodDescriptor
    private let compression: OTLPCompression
    private let client: GRPCClient<HTTP2ClientTransport.Posix>
    /// One event loop for connection and calls.
    private let tasks = EventLoopTasks(MultiThreadedEventLoopGroup.singleton.next())
    /// Keeps the connection.
    private let connections = Mutex(Connections())

    private struct Connections {
        /// Nil until the first export.
        var task: Task<Void, Never>?
        var isShutDown = false
    }

    init(
        _ signal: OTLPSignal, to endpoint: EndpointURL, _ configuration: OTLPExporterConfiguration
    ) throws(InvalidEndpoint) {
        method = MethodDescriptor(fullyQualifiedService: signal.grpcService, method: "Export")
        compression = configuration.compression
        let security: HTTP2ClientTransport.Posix.TransportSecurity =
            switch endpoint.scheme {
            case .http: .plaintext
            case .https: Self.security(try LoadedTLS(configuration.tls))
            }
        do {
            client = GRPCClient(
                transport: try Self.transport(
                    endpoint, security, compression: configuration.compression, on: tasks.eventLoop))
        } catch {
            throw InvalidEndpoint("\(endpoint.description) cannot be used: \(error)")
        }
    }

    private static func transport(
        _ endpoint: EndpointURL, _ security: HTTP2ClientTransport.Posix.TransportSecurity,
        compression: OTLPCompression, on eventLoop: any EventLoop
    ) throws -> HTTP2ClientTransport.Posix {
        let config = HTTP2ClientTransport.Posix.Config.defaults { config in
            // With gRPC's own two minutes, a receiver that was away for long would stay unused for long.
            config.backoff.initial = .milliseconds(200)
            config.backoff.max = .seconds(5)
            switch compression {
            // An algorithm that is not enabled here is not used, whatever a call says, and nobody is told.
            case .gzip: config.compression = .init(algorithm: .gzip, enabledAlgorithms: [.gzip])
            case .none: config.compression = .defaults
            }
        }
        let port = endpoint.port ?? (endpoint.scheme == .https ? securePort : plainPort)
        let host = endpoint.hostToDial
        // An address in numbers must not be given as a name: TLS would refuse to ask for it.
        let target: any ResolvableTarget =
            switch try? NIOCore.SocketAddress(ipAddress: host, port: port) {
            case .v4: .ipv4(address: host, port: port)
            case .v6: .ipv6(address: host, port: port)
            default: .dns(host: host, port: port)
            }
        return try HTTP2ClientTransport.Posix(
            target: target, transportSecurity: security, config: config, eventLoopGroup: eventLoop)
    }

    private static func security(_ loaded: LoadedTLS) -> HTTP2ClientTransport.Posix.TransportSecurity {
        .tls { tls in
            if let roots = loaded.trustRoots { tls.trustRoots = .certificates([.bytes(roots, format: .pem)]) }
            if let identity = loaded.identity {
                tls.certificateChain = [.bytes(identity.certificateChain, format: .pem)]
                tls.privateKey = .bytes(identity.key, format: .pem)
            }
        }
    }

    /// Whether a connection has ever been asked for.
    var hasDialled: Bool { connections.withLock { $0.task != nil } }

    private func connect() {
        connections.withLock { connections in
            guard connections.task == nil, !connections.isShutDown else { return }
            // With the tasks of the calls, on one thread. Detached, so that it does not carry the context of whoever
            // exports first.
            connections.task = Task.detached(executorPreference: tasks) { [client] in
                // It ends with the client; why a connection failed is told by each attempt to send.
                try? await client.runConnections()
            }
        }
    }

    package func body(_ message: consuming [UInt8]) -> [UInt8] { message }

    package func attempt(
        _ body: [UInt8], headers: [(String, String)], timeLeft: Duration?
    ) async -> OTLPAttempt {
        connect()
        var options = CallOptions.defaults
        options.timeout = timeLeft
        // A receiver that is away is a failure to be retried by us, not a reason to wait without end.
        options.waitForReady = false
        options.maxResponseMessageBytes = ExporterIdentity.responseBytesMax
        options.compression = compression == .gzip ? .gzip : nil
        do {
            let request = ClientRequest(message: body, metadata: Self.metadata(headers))
            let answer = try await withTaskExecutorPreference(tasks) { [options] in
                try await client.unary(
                    request: request, descriptor: method, serializer: ByteSerializer(),
                    deserializer: ByteDeserializer(), options: options, onResponse: { try $0.message })
            }
            ExportObservation.note(.grpc("OK"))
            return .answered(answer)
        } catch let failure as RPCError {
            ExportObservation.note(.grpc(Self.name(failure.code)))
            return .failed(Self.failure(failure))
        } catch {
            // What the client throws before it calls: it has been stopped.
            return .failed(.init(.unreachable, "\(error)", isRetryable: true))
        }
    }

    package func shutdown() async {
        client.beginGracefulShutdown()
        let task = connections.withLock { connections in
            connections.isShutDown = true
            return connections.task
        }
        // What is still under way is given up: the processor has waited for it as long as it wanted to.
        task?.cancel()
        await task?.value
    }

    private static func metadata(_ headers: [(String, String)]) -> Metadata {
        var metadata = Metadata()
        for (name, value) in headers {
            let key = name.lowercased()
            if key != "user-agent" { metadata.addString(value, forKey: key) }
        }
        metadata.addString(ExporterIdentity.userAgent(with: headers), forKey: "user-agent")
        return metadata
    }

    /// As the specification of gRPC writes it: `DEADLINE_EXCEEDED`.
    private static func name(_ code: RPCError.Code) -> String {
        "\(code)".reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" }
            name += letter.uppercased()
        }
    }

    private static func failure(_ failure: RPCError) -> OTLPAttempt.Failure {
        let status = failure.metadata[binaryValues: "grpc-status-details-bin"].lazy
            .compactMap { try? OTLPProtobuf.decode(RPCStatus.self, from: $0, limits: .response) }.first
        let delay = status?.retryInfo?.retryDelay
        let code: ExportError.Code =
            switch failure.code {
            case .unavailable: .unreachable
            case .deadlineExceeded: .timeout
            default: .refused
            }
        return OTLPAttempt.Failure(
            code,
            failure.message.isEmpty ? "gRPC \(failure.code)" : "gRPC \(failure.code): \(failure.message)",
            isRetryable: isRetryable(failure.code, hasRetryInfo: delay != nil), serverDelay: delay,
            isUnauthenticated: failure.code == .unauthenticated)
    }

    // OTLP 1.11.0, "OTLP/gRPC Response", the table of retryable codes; RESOURCE_EXHAUSTED is retryable "only
    // if the server signals that the recovery is possible", by RetryInfo.
    private static func isRetryable(_ code: RPCError.Code, hasRetryInfo: Bool) -> Bool {
        switch code {
        case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss: true
        case .resourceExhausted: hasRetryInfo
        default: false
        }
    }
}
