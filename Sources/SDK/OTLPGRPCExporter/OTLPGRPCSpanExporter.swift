// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCNIOTransportHTTP2
import OTLPWire
import ServiceContextModule
import Synchronization
public import TelemetrySDK

/// Sends spans as OTLP/gRPC.
///
/// Retries what the protocol calls retryable, within the timeout; see
/// ``OTLPGRPCSpanExporterConfiguration/timeout``. One connection is kept and used again. Source: OTLP 1.11.0,
/// "OTLP/gRPC".
public final class OTLPGRPCSpanExporter: SpanExporter {
    private static let method = MethodDescriptor(
        fullyQualifiedService: "opentelemetry.proto.collector.trace.v1.TraceService", method: "Export")
    private static let securePort = 443
    private static let plainPort = 80

    private let configuration: OTLPGRPCSpanExporterConfiguration
    private let endpoint: EndpointURL
    private let metadata: Metadata
    private let client: GRPCClient<HTTP2ClientTransport.Posix>
    /// Keeps the connection; nil until the first export.
    private let connections = Mutex<Task<Void, Never>?>(nil)
    private let retrying: RetryingExport

    /// Opens no connection yet. Throws when the endpoint is not an absolute http or https URL, or
    /// TLS cannot be set up.
    public convenience init(
        _ configuration: OTLPGRPCSpanExporterConfiguration = .init()
    ) throws(InvalidEndpoint) {
        try self.init(configuration, policy: ExportRetryPolicy())
    }

    package init(
        _ configuration: OTLPGRPCSpanExporterConfiguration, policy: ExportRetryPolicy,
        environment: RetryEnvironment = .system
    ) throws(InvalidEndpoint) {
        let endpoint: EndpointURL
        do throws(InvalidEndpoint) {
            endpoint = try EndpointURL(configuration.endpoint)
        } catch {
            throw InvalidEndpoint("the endpoint is not a URL like http://localhost:4317: it \(error)")
        }
        self.configuration = configuration
        self.endpoint = endpoint
        metadata = Self.metadata(configuration.headers)
        do {
            client = GRPCClient(transport: try Self.transport(endpoint))
        } catch {
            throw InvalidEndpoint("\(endpoint.description) cannot be used: \(error)")
        }
        retrying = RetryingExport(
            policy: policy, timeout: configuration.timeout, endpoint: endpoint.description,
            environment: environment)
    }

    deinit { connections.withLock { $0 }?.cancel() }

    /// Whether a connection has ever been asked for.
    package var hasDialled: Bool { connections.withLock { $0 != nil } }

    private func connect() {
        connections.withLock { connections in
            guard connections == nil, !retrying.isShutDown else { return }
            // Detached, so that it does not carry the context of whoever exports first.
            connections = Task.detached { [client] in
                // It ends with the client; why a connection failed is told by each attempt to send.
                try? await client.runConnections()
            }
        }
    }

    private static func transport(_ endpoint: EndpointURL) throws -> HTTP2ClientTransport.Posix {
        let config = HTTP2ClientTransport.Posix.Config.defaults { config in
            // With gRPC's own two minutes, a receiver that was away for long would stay unused for long.
            config.backoff.initial = .milliseconds(200)
            config.backoff.max = .seconds(5)
        }
        let isSecure = endpoint.scheme == .https
        return try HTTP2ClientTransport.Posix(
            target: .dns(
                host: endpoint.hostToDial, port: endpoint.port ?? (isSecure ? securePort : plainPort)),
            transportSecurity: isSecure ? .tls : .plaintext, config: config)
    }

    private static func metadata(_ headers: [(String, String)]) -> Metadata {
        var metadata = Metadata()
        for (name, value) in headers {
            let key = name.lowercased()
            guard !key.hasPrefix("grpc-"), !["content-type", "te", "user-agent"].contains(key) else {
                continue
            }
            metadata.addString(value, forKey: key)
        }
        metadata.addString(ExporterIdentity.userAgent, forKey: "user-agent")
        return metadata
    }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        guard !retrying.isShutDown else {
            return .failure(error(.shutDown, "the exporter has been shut down"))
        }
        // OTLP 1.11.0: senders "SHOULD NOT send empty envelopes".
        guard batch.count > 0 else { return .success() }
        let message = batch.exportTraceServiceRequest()
        guard message.count <= ExporterIdentity.requestBytesMax else {
            return .failure(
                error(
                    .tooLarge,
                    "the batch has \(message.count) bytes, over \(ExporterIdentity.requestBytesMax)"))
        }
        connect()
        // Whoever ends the last span of a batch must not lend its context to the request.
        return await ServiceContext.$current.withValue(nil) {
            await retrying.run { timeLeft in await attempt(message, timeLeft: timeLeft) }
        }
    }

    public func forceFlush() async {}

    public func shutdown() async {
        guard retrying.shutDown() else { return }
        client.beginGracefulShutdown()
        // What is still under way is given up: the processor has waited for it as long as it wanted to.
        let connections = connections.withLock { $0 }
        connections?.cancel()
        await connections?.value
    }

    private func attempt(_ message: [UInt8], timeLeft: Duration?) async -> ExportAttempt {
        var options = CallOptions.defaults
        options.timeout = timeLeft
        // A receiver that is away is a failure to be retried by us, not a reason to wait without end.
        options.waitForReady = false
        options.maxResponseMessageBytes = ExporterIdentity.responseBytesMax
        do {
            let answer = try await client.unary(
                request: ClientRequest(message: message, metadata: metadata), descriptor: Self.method,
                serializer: ByteSerializer(), deserializer: ByteDeserializer(), options: options,
                onResponse: { try $0.message })
            return .delivered(.taken(answer, hiding: configuration.headers))
        } catch let failure as RPCError {
            return failed(failure)
        } catch {
            // What the client throws before it calls: it has been stopped.
            return .failed(
                self.error(retrying.isShutDown ? .shutDown : .unreachable, safe("\(error)")),
                isRetryable: !retrying.isShutDown)
        }
    }

    private func failed(_ failure: RPCError) -> ExportAttempt {
        let status = failure.metadata[binaryValues: "grpc-status-details-bin"].lazy
            .compactMap { try? OTLPProtobuf.decode(RPCStatus.self, from: $0, limits: .response) }.first
        let delay = status?.retryInfo?.retryDelay
        let code: ExportError.Code =
            switch failure.code {
            case .unavailable: .unreachable
            case .deadlineExceeded: .timeout
            default: .refused
            }
        let text =
            failure.message.isEmpty
            ? "gRPC \(failure.code)" : "gRPC \(failure.code): \(safe(failure.message))"
        return .failed(
            error(code, text), isRetryable: Self.isRetryable(failure.code, hasRetryInfo: delay != nil),
            serverDelay: delay)
    }

    // OTLP 1.11.0, "OTLP/gRPC Response", the table of retryable codes; RESOURCE_EXHAUSTED is retryable "only
    // if the server signals that the recovery is possible", by RetryInfo.
    static func isRetryable(_ code: RPCError.Code, hasRetryInfo: Bool) -> Bool {
        switch code {
        case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss: true
        case .resourceExhausted: hasRetryInfo
        default: false
        }
    }

    private func error(_ code: ExportError.Code, _ message: String) -> ExportError {
        ExportError(code: code, endpoint: endpoint.description, message: message)
    }

    private func safe(_ text: String) -> String { ExporterIdentity.safe(text, hiding: configuration.headers) }
}
