// SPDX-License-Identifier: Apache-2.0

internal import TelemetryStorage

/// Whether a store takes spans, told from how its writes end. Pure: the time comes in.
struct WriteHealth: Sendable {
    private var underWay = 0
    /// When a write ended last, or the first of those under way began.
    private var progress: ContinuousClock.Instant?
    private var refusal: (reason: String, time: ContinuousClock.Instant)?

    /// A refused write speaks for so long. Then it is forgotten, because whoever asks may keep senders away
    /// until the answer is good, and without them nobody would find out.
    static let refusalCounts = Duration.seconds(10)
    /// Writes that take longer, all of them, are taken for a disk that hangs.
    static let progressWithin = Duration.seconds(10)

    mutating func began(at now: ContinuousClock.Instant) {
        if underWay == 0 { progress = now }
        underWay += 1
    }

    /// `error` is nil for a write that succeeded, and for one that failed through its sender's fault.
    mutating func ended(_ error: StorageError?, at now: ContinuousClock.Instant) {
        underWay -= 1
        progress = now
        refusal = error.map { ("\($0)", now) }
    }

    /// Why spans would not be stored now; nil when nothing speaks against it.
    func obstacle(at now: ContinuousClock.Instant) -> String? {
        if let refusal, now - refusal.time < Self.refusalCounts { return refusal.reason }
        guard underWay > 0, let progress, now - progress >= Self.progressWithin else { return nil }
        return "no write has ended for \((now - progress).components.seconds) seconds"
    }
}
