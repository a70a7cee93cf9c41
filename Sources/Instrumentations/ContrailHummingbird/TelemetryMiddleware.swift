// SPDX-License-Identifier: Apache-2.0

internal import HTTPConventions
public import HTTPTypes
public import Hummingbird
public import Tracing

/// A server span for each request, after OpenTelemetry's stable HTTP conventions 1.44.
///
/// ```swift
/// router.addMiddleware { TelemetryMiddleware() }
/// ```
///
/// The caller's context is read from the headers, the span is current for handlers and body writers, and it
/// ends when the last byte of the body has been written or the client has left. Its name is `{method}
/// {route}`. Headers and body pass through unchanged. Add it before other middleware, so that it sees what
/// they do.
///
/// The peer's address is known when the request context conforms to Hummingbird's
/// `RemoteAddressRequestContext`.
public struct TelemetryMiddleware<Context: RequestContext>: RouterMiddleware {
    private let tracer: (any Tracer)?
    private let requestHeaders: [RecordedHeader]
    private let responseHeaders: [RecordedHeader]

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - tracer: Takes the spans; nil for the one that is bootstrapped when a request arrives.
    ///   - requestHeaders: Request headers to record as `http.request.header.<name>`. Those that carry
    ///     secrets (`Authorization`, `Cookie` and their like) are never recorded, even when named here.
    ///   - responseHeaders: Response headers to record as `http.response.header.<name>`, with the same
    ///     exception.
    public init(
        tracer: (any Tracer)? = nil, recordingRequestHeaders requestHeaders: [HTTPField.Name] = [],
        recordingResponseHeaders responseHeaders: [HTTPField.Name] = []
    ) {
        self.tracer = tracer
        self.requestHeaders = requestHeaders.compactMap { RecordedHeader($0) }
        self.responseHeaders = responseHeaders.compactMap { RecordedHeader($0) }
    }

    /// Answers the request inside a span.
    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let span = start(request, context)
        do {
            return try await ServiceContext.$current.withValue(span.context) {
                var response = try await next(request, context)
                span.setRoute(route(of: request, context))
                span.setResponse(response, headers: responseHeaders)
                response.body = response.body.reporting(to: span)
                return response
            }
        } catch {
            span.setRoute(route(of: request, context))
            span.fail(error)
            throw error
        }
    }

    private func start(_ request: Request, _ context: Context) -> ServerSpan {
        let tracer = tracer ?? InstrumentationSystem.tracer
        var parent = ServiceContext.current ?? .topLevel
        tracer.extract(request.headers, into: &parent, using: HTTPFieldsExtractor())
        let peer = (context as? any RemoteAddressRequestContext)?.remoteAddress
        let attributes = RequestAttributes(request, peer: peer)
        let method = attributes.method.nameInSpan
        let route = route(of: request, context)
        // With the route, when it is known: all that a sampler has to know a health check by.
        let span = tracer.startSpan(
            ServerSpan.name(method, route), context: parent, ofKind: .server)
        if span.isRecording {
            span.updateAttributes { attributes.apply(to: &$0, headers: requestHeaders) }
        }
        let serverSpan = ServerSpan(span, method: method)
        // Mostly known by now; a responder of its own may tell it later.
        if let route { serverSpan.setRoute(route) }
        return serverSpan
    }

    /// The matched route as it is written, `/quote/{sku}`; nil when none matched.
    private func route(of request: Request, _ context: Context) -> String? {
        // Where nothing matched, Hummingbird calls the endpoint `NotFound`; routes begin with a slash.
        guard let route = context.endpointPath, route.hasPrefix("/") else { return nil }
        // Hummingbird takes `items` and `items/` for one route and forgets how it was written. The request
        // shows which form is in use; FastAPI, ASP.NET and others keep it, and names of one call should
        // agree.
        return request.uri.path.hasSuffix("/") && !route.hasSuffix("/") && !route.hasSuffix("*")
            ? route + "/" : route
    }
}

extension ResponseBody {
    /// The same bytes, with the span told when the last one has been written.
    fileprivate consuming func reporting(to span: ServerSpan) -> ResponseBody {
        let body = self
        return ResponseBody(contentLength: body.contentLength) { writer in
            do {
                try await ServiceContext.$current.withValue(span.context) { try await body.write(writer) }
                span.end()
            } catch {
                span.failBody(error)
                throw error
            }
        }
    }
}
