// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Watches that the body of a request keeps arriving. For one channel, on its event loop.
///
/// A request that is there at once, as nearly all are, costs no timer: the handler asks for one only when a
/// read has left a body unfinished.
package final class BodyTimer {
    private let limits: ReceiverLimits
    private var isReading = false
    private var bytes = 0
    /// When the first read left the body unfinished.
    private var began: NIODeadline?
    private var scheduled: Scheduled<Void>?

    package init(_ limits: ReceiverLimits) {
        self.limits = limits
    }

    /// A body is to come.
    package func begin() {
        isReading = true
        bytes = 0
        began = nil
    }

    package func received(_ count: Int) { bytes += count }

    /// The body is complete, or nobody waits for it any more.
    package func end() { isReading = false }

    /// To be called at the end of each read; `expired` runs when the body is late.
    package func readComplete(_ context: ChannelHandlerContext, expired: @escaping () -> Void) {
        guard isReading else { return }
        if began == nil { began = .now() }
        if scheduled == nil { schedule(context, in: TimeAmount(limits.bodyTimeout), expired) }
    }

    /// To be called when the channel goes.
    package func cancel() {
        isReading = false
        scheduled?.cancel()
        scheduled = nil
    }

    private func schedule(
        _ context: ChannelHandlerContext, in time: TimeAmount, _ expired: @escaping () -> Void
    ) {
        scheduled = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.scheduled = nil
            // The body for which it was scheduled may be complete, and another one under way.
            guard self.isReading, let began = self.began else { return }
            let left = self.limits.bodyIsDue(began: began, bytes: self.bytes) - .now()
            if left > .zero { return self.schedule(context, in: left, expired) }
            self.isReading = false
            expired()
        }
    }
}

extension ReceiverLimits {
    /// When a body of which so many bytes have arrived must be complete.
    func bodyIsDue(began: NIODeadline, bytes: Int) -> NIODeadline {
        let earned = Int64(bytes) * (1_000_000_000 / Int64(bodyBytesPerSecondMin))
        return began + TimeAmount(bodyTimeout) + .nanoseconds(earned)
    }
}
