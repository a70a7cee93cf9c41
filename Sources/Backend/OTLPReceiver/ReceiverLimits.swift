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

    package init(requestBytesMax: Int = 64 << 20, requestBytesInFlightMax: Int = 160 << 20) {
        self.requestBytesMax = requestBytesMax
        self.requestBytesInFlightMax = requestBytesInFlightMax
    }

    /// When a refused sender may come back, seconds. The OTLP exporters wait at least this long.
    package static let retryAfterSeconds = 1
}
