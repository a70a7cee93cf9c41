// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization

/// Warns of what may happen with every request, but a line a minute tells as much as a thousand.
final class RareWarning: Sendable {
    private let logger: Logger
    private let quietUntil = Mutex<ContinuousClock.Instant?>(nil)

    /// From one line to the next; what happens between is not told.
    private static let quietTime = Duration.seconds(60)

    init(_ logger: Logger) { self.logger = logger }

    func warn(_ what: String) {
        let now = ContinuousClock.now
        let isQuiet = quietUntil.withLock { quietUntil in
            if let end = quietUntil, now < end { return true }
            quietUntil = now + Self.quietTime
            return false
        }
        if !isQuiet { logger.warning("\(what)") }
    }
}
