// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import NIOHTTP1
package import TelemetrySDK

/// What became of one POST.
package enum HTTPOutcome: Sendable {
    case answered(HTTPAnswer)
    /// No answer, or none that can be used.
    case failed(OTLPAttempt.Failure)
}

/// What a receiver answered to one POST.
package struct HTTPAnswer: Sendable {
    package let status: HTTPResponseStatus
    package let headers: HTTPHeaders
    /// Nil when it was cut off or did not come in time. The status has been said all the same, and counts: spans that
    /// were taken are not to be sent twice.
    package let body: ByteBuffer?

    /// Whether the receiver took what was posted.
    package var isTaken: Bool { (200..<300).contains(status.code) }

    /// The answer of a receiver that took nothing. `said`: its own words, which may be none.
    package func failure(saying said: String) -> OTLPAttempt.Failure {
        let retryAfter = headers.first(name: "Retry-After").flatMap {
            RetryAfter.delay($0, unixSeconds: Int64(SystemTelemetryClock().unixNano / 1_000_000_000))
        }
        return OTLPAttempt.Failure(
            status == .payloadTooLarge ? .tooLarge : .refused,
            said.isEmpty ? "HTTP \(status.code)" : "HTTP \(status.code): \(said)",
            // OTLP 1.11.0, "Retryable Response Codes": 429, 502, 503, 504; "All other 4xx or 5xx response status
            // codes MUST NOT be retried".
            isRetryable: [429, 502, 503, 504].contains(status.code), serverDelay: retryAfter,
            isUnauthenticated: status == .unauthorized)
    }
}
