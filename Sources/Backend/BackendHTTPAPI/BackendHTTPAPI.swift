// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
package import Hummingbird
internal import NIOCore
internal import OTLPWire
internal import TelemetryModel
package import TelemetryStorage
internal import TraceAnalysis

/// The questions of page, commands and everybody else, over HTTP under `/api/`.
///
/// Described in docs/http-api.md and, for programs, at `/api/openapi.json`.
package struct BackendHTTPAPI: Sendable {
    /// Where this server receives OTLP.
    package struct Receivers: Hashable, Sendable {
        let grpcPort: Int
        let httpPort: Int

        package init(grpcPort: Int, httpPort: Int) {
            self.grpcPort = grpcPort
            self.httpPort = httpPort
        }
    }

    private let store: any TraceReader
    private let logs: any LogReader
    private let receivers: Receivers
    private let operation: BackendOperation
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - store: Where the answers about traces come from.
    ///   - logs: Where the answers about logs come from.
    ///   - receivers: For those who ask where to send.
    ///   - operation: For those who watch.
    ///   - now: The time that `since` counts from, nanoseconds since 1970 UTC.
    package init(
        store: any TraceReader, logs: any LogReader, receivers: Receivers,
        operation: BackendOperation = BackendOperation(),
        now: @escaping @Sendable () -> UInt64 = { WallClock.now() }
    ) {
        self.store = store
        self.logs = logs
        self.receivers = receivers
        self.operation = operation
        self.now = now
    }

    /// Adds every path under `/api/`, with JSON errors for all others there.
    package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        add(.services, to: router) { _ in
            let names = try await stored { () throws(StorageError) in try await store.services() }
            return JSONValue.object([("services", .array(names.map { .string($0) }))]).bytes
        }
        add(.operations, to: router) { arguments in
            let service = arguments.text("service") ?? ""
            let operations = try await stored { () throws(StorageError) in
                try await store.operations(ofService: service)
            }
            return Answers.operations(operations).bytes
        }
        add(.attributes, to: router) { arguments in
            let query = AttributeKeyQuery(arguments)
            let list = try await stored { () throws(StorageError) in
                try await store.attributeKeys(matching: query)
            }
            return Answers.attributes(list).bytes
        }
        add(.attributeValues, to: router) { arguments in
            let query = AttributeValueQuery(arguments)
            let list = try await stored { () throws(StorageError) in
                try await store.attributeValues(matching: query)
            }
            return Answers.attributeValues(list).bytes
        }
        add(.traces, to: router) { arguments in
            let query = try TraceQuery(arguments, now: now())
            let page = try await stored { () throws(StorageError) in try await store.traces(matching: query) }
            return Answers.page(page).bytes
        }
        addReply(.trace, to: router) { arguments in
            let trace = try await trace(arguments)
            return Reply(
                body: OTLPJSON.encode(ExportTraceServiceRequest(resourceSpans: trace.resourceSpans)),
                headers: Self.extent(of: trace))
        }
        addReply(.analysis, to: router) { arguments in
            let trace = try await trace(arguments)
            let tree = TraceTree(trace.resourceSpans)
            return Reply(
                body: Answers.analysis(of: tree, id: arguments.traceID("traceId")).bytes,
                headers: Self.extent(of: trace))
        }
        addLogs(to: router)
        let receivers = Answers.receivers(receivers).bytes
        add(.receivers, to: router) { _ in receivers }
        let description = OpenAPIDocument.json.bytes
        add(.openAPI, to: router) { _ in description }
        addOperation(to: router)
        addRefusals(to: router)
    }

    private func addLogs<Context: RequestContext>(to router: Router<Context>) {
        addReply(.traceLogs, to: router) { arguments in
            let id = arguments.traceID("traceId") ?? .invalid
            let limit = arguments.count("limit") ?? TraceLogExcerpt.recordsMax
            let found = try await stored { () throws(StorageError) in
                try await logs.logs(ofTrace: id, limit: limit)
            }
            return Reply(
                body: OTLPJSON.encode(ExportLogsServiceRequest(resourceLogs: found.resourceLogs)),
                headers: [.isComplete: found.isComplete ? "true" : "false"])
        }
        add(.logs, to: router) { arguments in
            let query = try LogQuery(arguments, now: now())
            let page = try await stored { () throws(StorageError) in try await logs.logs(matching: query) }
            return Answers.page(page).bytes
        }
    }

    private func addOperation<Context: RequestContext>(to router: Router<Context>) {
        add(.store, to: router) { _ in
            Answers.store(try await stored { () throws(StorageError) in try await operation.status() }).bytes
        }
        add(.health, to: router) { _ in JSONValue.object([("status", "ok")]).bytes }
        add(.ready, to: router) { _ in
            if let obstacle = await operation.obstacle() { throw APIError(.notReady, obstacle) }
            return JSONValue.object([("status", "ready")]).bytes
        }
        add(.metrics, to: router) { _ in await operation.metrics() }
    }

    private func trace(_ arguments: APIArguments) async throws(APIError) -> TraceExcerpt {
        let id = arguments.traceID("traceId") ?? .invalid
        let first = arguments.count("offset") ?? 0
        let spans = first..<first + (arguments.count("limit") ?? TraceExcerpt.spansMax)
        guard
            let trace = try await stored({ () throws(StorageError) in
                try await store.trace(id, spans: spans)
            })
        else { throw APIError(.unknownTrace, "no spans of trace \(id) are stored") }
        return trace
    }

    private static func extent(of trace: TraceExcerpt) -> [HTTPField.Name: String] {
        var headers: [HTTPField.Name: String] = [.spanCount: String(trace.spanCount)]
        if trace.end < trace.spanCount { headers[.nextOffset] = String(trace.end) }
        return headers
    }

    private func stored<Value>(
        _ question: () async throws(StorageError) -> Value
    ) async throws(APIError) -> Value {
        do {
            return try await question()
        } catch {
            throw APIError(error)
        }
    }

    private func add<Context: RequestContext>(
        _ route: APIRoute, to router: Router<Context>,
        answer: @escaping @Sendable (APIArguments) async throws -> [UInt8]
    ) {
        addReply(route, to: router) { Reply(body: try await answer($0)) }
    }

    /// A body and what is said beside it.
    private struct Reply {
        var body: [UInt8]
        var headers: [HTTPField.Name: String] = [:]
    }

    private func addReply<Context: RequestContext>(
        _ route: APIRoute, to router: Router<Context>,
        answer: @escaping @Sendable (APIArguments) async throws -> Reply
    ) {
        let path = RouterPath(route.path)
        let handle: @Sendable (Request, Context) async throws -> Response = { request, context in
            let began = ContinuousClock.now
            defer { operation.observe(route.path, ContinuousClock.now - began) }
            let arguments = try APIArguments(route, path: context.parameters, query: request.uri.query)
            let reply = try await answer(arguments)
            var response = Response(body: reply.body, mediaType: route.mediaType)
            for (name, value) in reply.headers { response.headers[name] = value }
            return response
        }
        router.on(path, method: .get, use: handle)
        router.on(path, method: .head) { request, context in
            try await handle(request, context).createHeadResponse()
        }
        for method in Self.otherMethods {
            router.on(path, method: method) { request, _ -> Response in
                throw APIError(.methodNotAllowed, "\(route.path) answers GET, not \(request.method.rawValue)")
            }
        }
    }

    private static let otherMethods: [HTTPRequest.Method] = [.post, .put, .patch, .delete, .options]

    /// Without these, a mistyped path would get the page's HTML or an empty answer.
    private func addRefusals<Context: RequestContext>(to router: Router<Context>) {
        for path in APIRoute.pathsBetween + ["/api/**"] {
            for method in [.get, .head] + Self.otherMethods {
                router.on(RouterPath(path), method: method) { request, _ -> Response in
                    let path = request.uri.path.prefix(200)
                    throw APIError(
                        .unknownPath, "there is no \(path); /api/openapi.json lists what there is")
                }
            }
        }
    }
}

extension HTTPField.Name {
    /// Spans of the whole trace, where an answer may have fewer.
    fileprivate static let spanCount = fieldName("Contrail-Span-Count")
    /// "false" when there is more than the answer has.
    fileprivate static let isComplete = fieldName("Contrail-Complete")
    fileprivate static let nextOffset = fieldName("Contrail-Next-Offset")

    private static func fieldName(_ text: String) -> HTTPField.Name {
        // Nil for what is no token (RFC 9110, 5.1), which these are.
        HTTPField.Name(text) ?? .via
    }
}
