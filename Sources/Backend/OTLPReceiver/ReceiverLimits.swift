// SPDX-License-Identifier: Apache-2.0

/// What the receiver takes at most. Above each there is an answer that tells the sender what to do.
package struct ReceiverLimits: Hashable, Sendable {
    /// Bytes of one request, before and after decompression. A larger one is refused whole with 413 or
    /// RESOURCE_EXHAUSTED, which senders do not retry.
    // OTLP 1.11.0 recommends 64 MiB, before and after decompression.
    package var requestBytesMax: Int

    /// Bytes of all requests that are being received, decoded or stored at one moment. A request that does
    /// not fit is refused with 429 or UNAVAILABLE and a hint when to come back. Must hold at least one
    /// request of the largest size, compressed and decompressed.
    package var requestBytesInFlightMax: Int

    /// Bytes that the values of all requests may take that are being decoded or stored at one moment, besides the
    /// requests themselves. A request that does not fit is refused as above; one that would need more alone, with 413
    /// or RESOURCE_EXHAUSTED. Ordinary logs take two to three times their bytes.
    package var decodedBytesInFlightMax: Int

    /// Within this time the whole body of a request must have arrived, or as much of it as
    /// ``bodyBytesPerSecondMin`` asks for. A slower one is refused with 408 or DEADLINE_EXCEEDED, so that
    /// nobody holds a share of the budget for ever. Twice as long as exporters wait by default.
    package var bodyTimeout: Duration

    /// Every so many bytes of a body that have arrived earn the rest one second more.
    package var bodyBytesPerSecondMin: Int

    package init(
        requestBytesMax: Int = 64 << 20, requestBytesInFlightMax: Int = 160 << 20,
        decodedBytesInFlightMax: Int = 256 << 20,
        bodyTimeout: Duration = .seconds(20), bodyBytesPerSecondMin: Int = 64 << 10
    ) {
        precondition(
            bodyBytesPerSecondMin > 0, "a body of \(bodyBytesPerSecondMin) bytes a second never ends")
        self.requestBytesMax = requestBytesMax
        self.requestBytesInFlightMax = requestBytesInFlightMax
        self.decodedBytesInFlightMax = decodedBytesInFlightMax
        self.bodyTimeout = bodyTimeout
        self.bodyBytesPerSecondMin = bodyBytesPerSecondMin
    }

    /// When a refused sender may come back, seconds. The OTLP exporters wait at least this long.
    package static let retryAfterSeconds = 1
}
