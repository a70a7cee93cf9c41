// SPDX-License-Identifier: Apache-2.0

import ExportHTTP
import NIOCore
import NIOHTTP1
import ServiceContextModule
import TelemetryModel
public import TelemetrySDK

/// Sends spans as Zipkin's v2 JSON to a Zipkin server, or to whoever takes that.
///
/// Of the resource only `service.name` and `service.namespace` arrive, links and trace state do not: the mapping has no
/// place for them. Retries, within the timeout, what OTLP would retry: 429, 502, 503, 504 and lost connections; a
/// server's `Retry-After` is kept.
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry to Zipkin Transformation" (deprecated there, in favour of
/// OTLP).
public final class ZipkinSpanExporter: SpanExporter {
    private let endpoint: EndpointURL
    private let poster: HTTPPoster
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
        poster = HTTPPoster(to: endpoint.url)
        retrying = RetryingExport(
            timeout: timeout, endpoint: endpoint.description, environment: environment)
    }

    /// Whoever only drops the exporter: the client must not go without having been shut down.
    deinit {
        guard retrying.shutDown() else { return }
        let poster = poster
        Task.detached { await poster.shutdown() }
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
        // Whoever ends the last span of a batch must not lend its context to the request.
        return await ServiceContext.$current.withValue(nil) {
            await retrying.run { timeLeft in await attempt(body, timeLeft: timeLeft) }
        }
    }

    public func forceFlush() async {}

    public func shutdown() async {
        guard retrying.shutDown() else { return }
        await poster.shutdown()
    }

    private func attempt(_ body: ByteBuffer, timeLeft: Duration?) async -> ExportAttempt {
        // What the answer before said is no longer so.
        ExportObservation.note(nil)
        let failure: OTLPAttempt.Failure
        switch await poster.post(body, headers: headers, timeLeft: timeLeft) {
        // Zipkin says 202 and nothing else.
        case .answered(let answer) where answer.isTaken: return .delivered(.success())
        // What an error says is for people.
        case .answered(let answer):
            failure = answer.failure(saying: answer.body.map { String(buffer: $0) } ?? "")
        case .failed(let problem): failure = problem
        }
        guard !retrying.isShutDown, !Task.isCancelled else {
            return .failed(shutDownError, isRetryable: false)
        }
        // Web servers repeat the address.
        let said = ExporterIdentity.safe(failure.message, hiding: endpoint.secrets.map { ("", $0) })
        return .failed(
            error(failure.code, said), isRetryable: failure.isRetryable, serverDelay: failure.serverDelay)
    }

    private var headers: HTTPHeaders {
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "User-Agent": "Contrail/\(ContrailVersion.current)",
        ]
        if let authorization = endpoint.basicAuthorization {
            headers.add(name: "Authorization", value: authorization)
        }
        return headers
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
