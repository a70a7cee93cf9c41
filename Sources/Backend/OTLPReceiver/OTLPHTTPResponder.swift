// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
package import Hummingbird
internal import NIOCore
internal import OTLPWire

/// OTLP/HTTP: answers everything that arrives on the port, the wrong included.
///
/// Without a router: there is one path, and every refusal needs the body that OTLP prescribes.
package struct OTLPHTTPResponder<Context: RequestContext>: HTTPResponder {
    private let ingest: TraceIngest

    package init(ingest: TraceIngest, context: Context.Type = BasicRequestContext.self) {
        self.ingest = ingest
    }

    package func respond(to request: Request, context: Context) async throws -> Response {
        // OTLP 1.11.0 specification, "OTLP/HTTP Response": the answer has the Content-Type of the request,
        // errors too; JSON for people who come with something else.
        let encoding = Self.encoding(of: request)
        do throws(Refusal) {
            try Self.admit(request)
            guard let encoding else { throw .mediaType }
            var body = try OTLPHTTPBody(of: request, for: ingest)
            let bytes = try await body.collect()
            let spans = try ingest.decode(bytes.readableBytesSpan, as: encoding)
            let response = try await ingest.store(spans)
            return answer(200, OTLPMessages.bytes(of: response, as: encoding), as: encoding)
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

    /// Refuses what is not `POST /v1/traces`.
    private static func admit(_ request: Request) throws(Refusal) {
        switch request.uri.path {
        case "/v1/traces": break
        case "/v1/metrics": throw .notStored("metrics")
        case "/v1/logs": throw .notStored("logs")
        default:
            throw Refusal(
                .unknownPath,
                "nothing is here; OTLP over HTTP is received at POST /v1/traces, and "
                    + "OTEL_EXPORTER_OTLP_ENDPOINT is this address without a path")
        }
        guard request.method == .post else {
            throw Refusal(.methodNotAllowed, "traces are received with POST")
        }
    }

    private func answer(_ refusal: Refusal, as encoding: OTLPEncoding) -> Response {
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
