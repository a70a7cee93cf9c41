// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
package import TelemetryStorage

/// Decodes requests as the store does, and throws them away: what storing is compared with.
package final class DroppedSpans: Sendable {
    private let active = Mutex(ActiveBlock())

    package init() {}

    package func drop(_ spans: EncodedSpans) throws(StorageError) {
        try active.withLock { (active) throws(StorageError) in
            try spans.bytes.withRawBytes { (bytes) throws(StorageError) in try active.append(bytes) }
            if active.rows.count >= BlockEncoder.spansPerBlock { active = ActiveBlock() }
        }
    }
}
