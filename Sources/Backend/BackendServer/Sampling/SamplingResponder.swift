// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import OTLPReceiver
internal import OTLPWire

/// The port of OTLP over HTTP: `GET /sampling?service=NAME` beside everything that is the receiver's.
///
/// On this port, because it is the one that SDKs know. Source: Jaeger 2.14, "Remote Sampling Configuration".
struct SamplingResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let receiver: OTLPHTTPResponder<BasicRequestContext>
    /// Nil when nobody gave a file.
    let file: SamplingStrategiesFile?

    static let path = "/sampling"

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        guard request.uri.path == Self.path else {
            return try await receiver.respond(to: request, context: context)
        }
        let response = answer(request)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request) -> Response {
        guard request.method == .get || request.method == .head else {
            var response = Self.refuse(.methodNotAllowed, "sampling strategies are asked for with GET")
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        guard let file else {
            return Self.refuse(
                .notFound,
                "this contrail has no sampling strategies; start it with --sampling-strategies FILE")
        }
        let services = request.uri.queryParameters.getAll("service")
        guard services.count == 1, let service = services.first, !service.isEmpty else {
            return Self.refuse(.badRequest, "the parameter 'service' must be given once")
        }
        let bytes = OTLPJSON.encode(file.strategies.strategy(for: service))
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func refuse(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}
