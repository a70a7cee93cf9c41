// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
package import Hummingbird
internal import NIOCore
internal import OTLPWire

/// OTLP/HTTP: answers everything that arrives on the port, the wrong included.
///
/// Without a router: there are two paths, and every refusal needs the body that OTLP prescribes.
package struct OTLPHTTPResponder<Context: RequestContext>: HTTPResponder {
    private let ingest: TraceIngest
    private let logs: LogsIngest

    package init(
        ingest: TraceIngest, logs: LogsIngest, context: Context.Type = BasicRequestContext.self
    ) {
        self.ingest = ingest
        self.logs = logs
    }

    package func respond(to request: Request, context: Context) async throws -> Response {
        // OTLP 1.11.0 specification, "OTLP/HTTP Response": the answer has the Content-Type of the request,
        // errors too; JSON for people who come with something else.
        let encoding = Self.encoding(of: request)
        do throws(Refusal) {
            let signal = try Self.admit(request)
            guard let encoding else { throw .mediaType }
            var body = try OTLPHTTPBody(of: request, for: ingest)
            let bytes = try await body.collect()
            let answered: [UInt8]
            switch signal {
            case .traces:
                let spans = try ingest.decode(bytes.readableBytesSpan, as: encoding)
                answered = OTLPMessages.bytes(of: try await ingest.store(spans), as: encoding)
            case .logs:
                let batch = try logs.decode(bytes.readableBytesSpan, as: encoding)
                answered = OTLPMessages.bytes(of: try await logs.store(batch), as: encoding)
            }
            return answer(200, answered, as: encoding)
        } catch {
            return answer(error, as: encoding ?? .json)
        }
    }

    /// The answer to a request that is refused before it is read.
    package func answer(_ refusal: Refusal, to request: Request) -> Response {
        answer(refusal, as: Self.encoding(of: request) ?? .json)
    }

    /// The answer to a request whose body did not arrive in time.
    package static func stalled(contentType: String?) -> (mediaType: String, body: [UInt8]) {
        let encoding = contentType.flatMap(OTLPEncoding.init(contentType:)) ?? .json
        return (encoding.mediaType, OTLPMessages.bytes(of: .stalled, as: encoding))
    }

    private static func encoding(of request: Request) -> OTLPEncoding? {
        request.headers[.contentType].flatMap(OTLPEncoding.init(contentType:))
    }

    private enum Signal: String {
        case traces, logs
    }

    /// Refuses what is not `POST /v1/traces` or `POST /v1/logs`.
    private static func admit(_ request: Request) throws(Refusal) -> Signal {
        let signal: Signal
        switch request.uri.path {
        case "/v1/traces": signal = .traces
        case "/v1/logs": signal = .logs
        case "/v1/metrics": throw .notStored("metrics")
        default:
            throw Refusal(
                .unknownPath,
                "nothing is here; OTLP over HTTP is received at POST /v1/traces and "
                    + "POST /v1/logs, and OTEL_EXPORTER_OTLP_ENDPOINT is this address without a path")
        }
        guard request.method == .post else {
            throw Refusal(.methodNotAllowed, "\(signal.rawValue) are received with POST")
        }
        return signal
    }

    private func answer(_ refusal: Refusal, as encoding: OTLPEncoding) -> Response {
        ingest.metrics.refused(refusal.reason, at: .http)
        var response = answer(
            refusal.reason.httpStatus, OTLPMessages.bytes(of: refusal, as: encoding), as: encoding)
        if refusal.reason.isRetryable {
            response.headers[.retryAfter] = String(ReceiverLimits.retryAfterSeconds)
        }
        if refusal.reason == .methodNotAllowed { response.headers[.allow] = "POST" }
        return response
    }

    private func answer(_ status: Int, _ bytes: [UInt8], as encoding: OTLPEncoding) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: encoding.mediaType],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension Refusal {
    fileprivate static let mediaType = Refusal(
        .unsupportedMediaType, "Content-Type must be application/x-protobuf or application/json",
        field: "Content-Type")
}
