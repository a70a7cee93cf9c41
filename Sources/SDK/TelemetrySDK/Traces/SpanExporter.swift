// SPDX-License-Identifier: Apache-2.0

/// Sends finished spans somewhere.
///
/// Contract: ``export(_:)`` is never called twice at once for one exporter and must not wait forever; after
/// ``shutdown()`` it fails with ``ExportError/Code/shutDown``. ``forceFlush()`` and ``shutdown()`` may be called
/// from any task. Source: OpenTelemetry specification 1.60, "Span Exporter".
public protocol SpanExporter: Sendable {
    /// Sends one batch; retrying is the exporter's own business.
    func export(_ batch: SpanBatch) async -> ExportResult

    /// Returns when everything given before has been sent or has failed.
    func forceFlush() async

    /// Ends the exporter and frees its connections.
    func shutdown() async
}

/// What became of a batch.
public enum ExportResult: Sendable {
    /// The receiver took it, but for `rejected` spans (OTLP's partial success), with its reason.
    case success(rejected: Int = 0, message: String = "")
    case failure(ExportError)
}

/// Why a batch did not arrive.
public struct ExportError: Error, Sendable, CustomStringConvertible {
    /// Bounded, so that it may label a metric.
    public enum Code: String, Sendable, CaseIterable {
        case unreachable
        case timeout
        case refused
        case tooLarge = "too_large"
        case shutDown = "shut_down"
        case badResponse = "bad_response"
        /// A header provider gave none, so that nothing was sent.
        case noHeaders = "no_headers"
    }

    public let code: Code
    /// Scheme, host, port and path; never headers, user or query.
    public let endpoint: String
    /// What happened, without any secret.
    public let message: String

    public init(code: Code, endpoint: String, message: String) {
        self.code = code
        self.endpoint = endpoint
        self.message = message
    }

    public var description: String { "\(endpoint): \(message)" }
}
