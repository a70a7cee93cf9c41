// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import Synchronization
internal import Tracing

/// The span of one request, from its first byte seen to its last byte written.
///
/// Ends exactly once: when the body has been written, when writing it failed, when the handler threw, or when
/// the response was thrown away by a middleware further out (then by `deinit`).
final class ServerSpan: Sendable {
    private let span: any Span
    private let method: String
    private let ended = Mutex(false)

    init(_ span: any Span, method: String) {
        self.span = span
        self.method = method
    }

    deinit { end() }

    var context: ServiceContext { span.context }

    // Semantic conventions 1.44, "HTTP spans", "Name": "HTTP span names SHOULD be `{method} {target}` if there is
    // a (low-cardinality) `target` available", for servers `http.route`.
    static func name(_ method: String, _ route: String?) -> String {
        route.map { "\(method) \($0)" } ?? method
    }

    /// Gives the span its route, if there is one.
    func setRoute(_ route: String?) {
        guard let route, span.isRecording else { return }
        span.operationName = Self.name(method, route)
        span.updateAttributes { $0["http.route"] = route }
    }

    /// The head of the answer is known; the span goes on until the body has been written.
    func setResponse(_ response: Response, headers: [RecordedHeader]) {
        guard span.isRecording else { return }
        let status = response.status.code
        span.updateAttributes { attributes in
            attributes["http.response.status_code"] = status
            for header in headers {
                header.record(response.headers, "http.response.header.", into: &attributes)
            }
        }
        if status >= 500 { fail(errorType: String(status)) }
    }

    /// The handler threw. Errors that are answers (404, 422 …) are such; all others become 500.
    func fail(_ error: any Error) {
        defer { end() }
        guard span.isRecording else { return }
        let answer = error as? any HTTPResponseError
        let status = answer?.status.code ?? 500
        span.updateAttributes { $0["http.response.status_code"] = status }
        // "For HTTP status codes in the 4xx range span status MUST be left unset in case of SpanKind.SERVER".
        guard status >= 500 else { return }
        fail(errorType: answer == nil ? Self.type(of: error) : String(status))
        span.recordError(error)
    }

    /// The head was sent but the body was not written to its end: the client left, or its source failed.
    func failBody(_ error: any Error) {
        defer { end() }
        guard span.isRecording else { return }
        // "Span Status MUST be left unset if HTTP status code was in the 1xx, 2xx or 3xx ranges, unless there
        // was another error".
        fail(errorType: Self.type(of: error))
        span.recordError(error)
    }

    func end() {
        let isFirst = ended.withLock { ended in
            defer { ended = true }
            return !ended
        }
        if isFirst { span.end() }
    }

    private func fail(errorType: String) {
        span.updateAttributes { $0["error.type"] = errorType }
        span.setStatus(SpanStatus(code: .error))
    }

    /// "error.type": "the full name of the exception type". Never its message: that has no bound.
    private static func type(of error: any Error) -> String { String(reflecting: Swift.type(of: error)) }
}
