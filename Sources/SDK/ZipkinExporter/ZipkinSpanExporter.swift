// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceContextModule
import TelemetryModel
public import TelemetrySDK

/// Sends spans as Zipkin's v2 JSON to a Zipkin server, or to whoever takes that.
///
/// Of the resource only `service.name` and `service.namespace` arrive, links and trace state do not: the mapping has no
/// place for them. Retries, within the timeout, what OTLP would retry: 429, 502, 503, 504 and lost connections.
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry to Zipkin Transformation" (deprecated there, in favour of
/// OTLP).
public final class ZipkinSpanExporter: SpanExporter {
    private let endpoint: EndpointURL
    private let client: HTTPClient
    private let retrying: RetryingExport

    /// Opens no connection yet.
    ///
    /// - Parameters:
    ///   - endpoint: the whole address, to which nothing is appended.
    ///   - timeout: for one batch, with all attempts and the waits between them; zero is no limit for an attempt.
    /// - Throws: `InvalidEndpoint` when the endpoint is not an absolute http or https URL.
    public convenience init(
        endpoint: String = "http://localhost:9411/api/v2/spans", timeout: Duration = .seconds(10)
    ) throws(InvalidEndpoint) {
        try self.init(endpoint: endpoint, timeout: timeout, environment: .system)
    }

    package init(endpoint: String, timeout: Duration, environment: RetryEnvironment) throws(InvalidEndpoint) {
        let endpoint = try EndpointURL(endpoint)
        self.endpoint = endpoint
        var configuration = HTTPClient.Configuration()
        // A redirect would send user and query of the address to somebody else.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // How often and when to try again is RetryState's decision.
        configuration.connectionPool.retryConnectionEstablishment = false
        // One batch is under way at a time.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        // A span for each export would make more exports.
        configuration.tracing.tracer = nil
        client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
        retrying = RetryingExport(
            timeout: timeout, endpoint: endpoint.description, environment: environment)
    }

    /// Whoever only drops the exporter: the client must not go without having been shut down.
    deinit {
        guard retrying.shutDown() else { return }
        let client = client
        Task.detached { try? await client.shutdown() }
    }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        guard !retrying.isShutDown else { return .failure(shutDownError) }
        guard batch.count > 0 else { return .success() }
        let body = ByteBuffer(bytes: ZipkinJSON.encode(batch.resourceSpans))
        guard body.readableBytes <= ExporterIdentity.requestBytesMax else {
            return .failure(
                error(
                    .tooLarge,
                    "the batch has \(body.readableBytes) bytes, over \(ExporterIdentity.requestBytesMax)"))
        }
        var request = HTTPClientRequest(url: endpoint.url)
        request.method = .POST
        request.headers = [
            "Content-Type": "application/json", "User-Agent": "Contrail/\(ContrailVersion.current)",
        ]
        if let authorization = endpoint.basicAuthorization {
            request.headers.add(name: "Authorization", value: authorization)
        }
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
        // What the answer before said is no longer so.
        ExportObservation.note(nil)
        let start = ContinuousClock.now
        do {
            let deadline = timeLeft.map { NIODeadline.now() + TimeAmount($0) } ?? .distantFuture
            let response = try await client.execute(request, deadline: deadline)
            ExportObservation.note(.http(Int(response.status.code)))
            // The client heeds its deadline no longer than until the head is there.
            let left = (timeLeft ?? .seconds(Int64.max)) - (ContinuousClock.now - start)
            let body = await within(left, ContinuousClock()) { [body = response.body] in
                try? await body.collect(upTo: ExporterIdentity.responseBytesMax)
            }
            // The status has been said, so it counts, whatever became of the rest: spans that were taken are not to
            // be sent twice.
            guard !(200..<300).contains(response.status.code) else { return .delivered(.success()) }
            // Zipkin says 202 and nothing else; what an error says is for people. Web servers repeat the address.
            let said = ExporterIdentity.safe(
                (body ?? nil).map { String(buffer: $0) } ?? "", hiding: endpoint.secrets.map { ("", $0) })
            return .failed(
                error(
                    response.status == .payloadTooLarge ? .tooLarge : .refused,
                    said.isEmpty ? "HTTP \(response.status.code)" : "HTTP \(response.status.code): \(said)"),
                isRetryable: [429, 502, 503, 504].contains(response.status.code))
        } catch let failure as HTTPClientError where failure == .deadlineExceeded || failure == .readTimeout {
            return .failed(error(.timeout, "no response in time"), isRetryable: true)
        } catch {
            guard !retrying.isShutDown, !(error is CancellationError) else {
                return .failed(shutDownError, isRetryable: false)
            }
            return .failed(
                self.error(.unreachable, "no connection, or it was lost: \(error)"), isRetryable: true)
        }
    }

    private var shutDownError: ExportError { error(.shutDown, "the exporter has been shut down") }

    private func error(_ code: ExportError.Code, _ message: String) -> ExportError {
        ExportError(code: code, endpoint: endpoint.description, message: message)
    }
}

extension ZipkinSpanExporter: DescribedExporter {
    // Semantic conventions 1.44, `otel.component.type`: "Zipkin span exporter over HTTP".
    package var componentType: String { "zipkin_http_span_exporter" }
    package var server: (address: String, port: Int?)? { (endpoint.hostToDial, endpoint.port) }
}
