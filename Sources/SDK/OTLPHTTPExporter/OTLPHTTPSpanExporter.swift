// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import OTLPWire
import ServiceContextModule
public import TelemetrySDK

/// Sends spans as OTLP/HTTP in protobuf.
///
/// Retries what the protocol calls retryable, within the timeout; see
/// ``OTLPHTTPSpanExporterConfiguration/timeout``. Connections are kept and used again. Source: OTLP 1.11.0,
/// "OTLP/HTTP".
public final class OTLPHTTPSpanExporter: SpanExporter {
    private let configuration: OTLPHTTPSpanExporterConfiguration
    private let endpoint: EndpointURL
    private let headers: HTTPHeaders
    private let client: HTTPClient
    private let retrying: RetryingExport

    /// Opens no connection yet. Throws when the endpoint is not an absolute http or https URL.
    public convenience init(
        _ configuration: OTLPHTTPSpanExporterConfiguration = .init()
    ) throws(InvalidEndpoint) {
        try self.init(configuration, policy: ExportRetryPolicy())
    }

    package init(
        _ configuration: OTLPHTTPSpanExporterConfiguration, policy: ExportRetryPolicy,
        environment: RetryEnvironment = .system
    ) throws(InvalidEndpoint) {
        let endpoint: EndpointURL
        do throws(InvalidEndpoint) {
            endpoint = try EndpointURL(configuration.endpoint)
        } catch {
            throw InvalidEndpoint(
                "the endpoint is not a URL like http://localhost:4318/v1/traces: it \(error)")
        }
        self.configuration = configuration
        self.endpoint = endpoint
        var headers = HTTPHeaders()
        for (name, value) in configuration.headers { headers.add(name: name, value: value) }
        if !headers.contains(name: "User-Agent") {
            headers.add(name: "User-Agent", value: ExporterIdentity.userAgent)
        }
        headers.replaceOrAdd(name: "Content-Type", value: "application/x-protobuf")
        self.headers = headers
        client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: Self.clientConfiguration)
        retrying = RetryingExport(
            policy: policy, timeout: configuration.timeout, endpoint: endpoint.description,
            environment: environment)
    }

    /// Whoever only drops the exporter: the client must not go without having been shut down.
    deinit {
        guard retrying.shutDown() else { return }
        let client = client
        Task.detached { try? await client.shutdown() }
    }

    private static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // A redirect would send the headers, and so the authorization, to somebody else.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // Failed connections come back to us at once: how often and when to try again is RetryState's
        // decision.
        configuration.connectionPool.retryConnectionEstablishment = false
        // One batch is under way at a time.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        // A span for each export would make more exports.
        configuration.tracing.tracer = nil
        return configuration
    }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        guard !retrying.isShutDown else {
            return .failure(error(.shutDown, "the exporter has been shut down"))
        }
        // OTLP 1.11.0: senders "SHOULD NOT send empty envelopes".
        guard batch.count > 0 else { return .success() }
        let body = ByteBuffer(bytes: batch.exportTraceServiceRequest())
        guard body.readableBytes <= ExporterIdentity.requestBytesMax else {
            return .failure(
                error(
                    .tooLarge,
                    "the batch has \(body.readableBytes) bytes, over \(ExporterIdentity.requestBytesMax)"
                ))
        }
        var request = HTTPClientRequest(url: configuration.endpoint)
        request.method = .POST
        request.headers = headers
        request.body = .bytes(body)
        // Whoever ends the last span of a batch must not lend its context to the request.
        return await ServiceContext.$current.withValue(nil) { [request] in
            await retrying.run { timeLeft in await attempt(request, timeLeft: timeLeft) }
        }
    }

    public func forceFlush() async {}

    public func shutdown() async {
        guard retrying.shutDown() else { return }
        // Fails only when it was shut down before, which the line above rules out.
        try? await client.shutdown()
    }

    private func attempt(_ request: HTTPClientRequest, timeLeft: Duration?) async -> ExportAttempt {
        do {
            let deadline = timeLeft.map { NIODeadline.now() + TimeAmount($0) } ?? .distantFuture
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.body.collect(upTo: ExporterIdentity.responseBytesMax)
            return self.response(status: response.status, headers: response.headers, body: body)
        } catch is NIOTooManyBytesError {
            return .failed(
                error(.badResponse, "the response is longer than \(ExporterIdentity.responseBytesMax) bytes"),
                isRetryable: false)
        } catch let failure as HTTPClientError where failure == .deadlineExceeded || failure == .readTimeout {
            return .failed(error(.timeout, "no response in time"), isRetryable: true)
        } catch {
            guard !retrying.isShutDown, !(error is CancellationError) else {
                return .failed(
                    self.error(.shutDown, "the exporter has been shut down"), isRetryable: false)
            }
            // OTLP 1.11.0, "All Other Responses": "If the server disconnects without returning a response,
            // the client SHOULD retry". The same for a connection that did not come about.
            return .failed(
                self.error(.unreachable, safe("no connection, or it was lost: \(error)")), isRetryable: true)
        }
    }

    private func response(status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer) -> ExportAttempt
    {
        let bytes = Array(body.readableBytesView)
        guard !(200..<300).contains(status.code) else {
            return .delivered(.taken(bytes, hiding: configuration.headers))
        }
        let said = (try? OTLPProtobuf.decode(RPCStatus.self, from: bytes, limits: .response))?.message ?? ""
        let message = said.isEmpty ? "HTTP \(status.code)" : "HTTP \(status.code): \(safe(said))"
        // OTLP 1.11.0, "Retryable Response Codes": 429, 502, 503, 504; "All other 4xx or 5xx response status
        // codes MUST NOT be retried".
        let isRetryable = [429, 502, 503, 504].contains(status.code)
        let retryAfter = headers.first(name: "Retry-After").flatMap {
            RetryAfter.delay($0, unixSeconds: Int64(SystemTelemetryClock().unixNano / 1_000_000_000))
        }
        return .failed(
            error(status == .payloadTooLarge ? .tooLarge : .refused, message), isRetryable: isRetryable,
            serverDelay: retryAfter)
    }

    private func error(_ code: ExportError.Code, _ message: String) -> ExportError {
        ExportError(code: code, endpoint: endpoint.description, message: message)
    }

    private func safe(_ text: String) -> String { ExporterIdentity.safe(text, hiding: configuration.headers) }
}
