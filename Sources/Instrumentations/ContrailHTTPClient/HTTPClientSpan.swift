// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import HTTPConventions
internal import Synchronization
public import Tracing

/// The span of one request: takes what AsyncHTTPClient says and tells the real span what the conventions ask
/// for.
///
/// Source: semantic conventions 1.44, "HTTP client span".
public struct HTTPClientSpan: Span {
    private let base: any Span
    private let state: State

    private final class State: Sendable {
        // What AsyncHTTPClient set, under its own keys.
        let attributes = Mutex(SpanAttributes())
    }

    init(_ base: any Span, method: HTTPRequestMethod) {
        self.base = base
        state = State()
        guard base.isRecording else { return }
        base.updateAttributes { attributes in
            attributes["http.request.method"] = method.value
            if let original = method.original {
                attributes["http.request.method_original"] = original
            }
        }
    }

    /// The context that child spans and outgoing headers get.
    public var context: ServiceContext { base.context }
    /// The span's name.
    public var operationName: String {
        get { base.operationName }
        nonmutating set { base.operationName = newValue }
    }
    /// Whether anything set here is kept.
    public var isRecording: Bool { base.isRecording }

    /// What AsyncHTTPClient set; the real span gets each attribute under its conventional key, cleaned.
    public var attributes: SpanAttributes {
        get { state.attributes.withLock { $0 } }
        nonmutating set {
            guard base.isRecording else { return }
            let old = state.attributes.withLock { attributes in
                defer { attributes = newValue }
                return attributes
            }
            let changes = Self.conventional(newValue, after: old)
            if !changes.isEmpty { base.updateAttributes { $0.merge(changes) } }
        }
    }

    private static func conventional(_ new: SpanAttributes, after old: SpanAttributes) -> SpanAttributes {
        var changes = SpanAttributes()
        new.forEach { key, value in
            guard old.get(key) != value else { return }
            switch (key, value) {
            case ("url.full", .string(let url)): changes["url.full"] = HTTPRedaction.url(url)
            case ("http.status_code", .int64(let status)):
                changes["http.response.status_code"] = status
                // "If the HTTP response status code is … 4xx or 5xx, error.type SHOULD be set to the status
                // code".
                if status >= 400 { changes["error.type"] = String(status) }
            // Set at the start already, or opt-in for clients (and `url.query` comes with its secrets).
            case ("http.request.method", _), ("url.scheme", _), ("url.path", _), ("url.query", _),
                ("http.request.body.size", _):
                break
            default: changes.set(key, value: value)
            }
        }
        return changes
    }

    /// Passed on.
    public func setStatus(_ status: SpanStatus) {
        // "If the request was cancelled by the caller, status SHOULD be left unset": withSpan would say
        // error.
        guard !isCancelled else { return }
        base.setStatus(status)
    }

    /// Passed on.
    public func addEvent(_ event: SpanEvent) { base.addEvent(event) }

    /// Passed on.
    public func addLink(_ link: SpanLink) { base.addLink(link) }

    /// A failed request: connection refused, time-out, broken answer.
    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard base.isRecording else { return }
        if Self.isCancellation(error) {
            state.attributes.withLock { $0.set(Self.cancelledKey, value: .bool(true)) }
            return
        }
        base.updateAttributes { $0["error.type"] = Self.type(of: error) }
        base.setStatus(SpanStatus(code: .error))
        base.recordError(error, attributes: attributes, at: instant())
    }

    /// Ends the real span.
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        base.end(at: instant())
    }

    // Kept with AsyncHTTPClient's attributes, never passed on.
    private static let cancelledKey = "contrail.cancelled"
    private var isCancelled: Bool { state.attributes.withLock { $0.get(Self.cancelledKey) != nil } }

    private static func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || (error as? HTTPClientError) == .cancelled
    }

    /// "error.type SHOULD be predictable, and SHOULD have low cardinality": the kind of a client error,
    /// without what differs from request to request.
    private static func type(of error: any Error) -> String {
        guard let error = error as? HTTPClientError else { return String(reflecting: Swift.type(of: error)) }
        return "HTTPClientError: \(error.shortDescription)"
    }
}
