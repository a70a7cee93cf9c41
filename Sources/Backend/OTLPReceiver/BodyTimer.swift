// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Watches that the body of a request keeps arriving. For one channel, on its event loop.
///
/// A request that is there at once, as nearly all are, costs no timer: the handler asks for one only when a
/// read has left a body unfinished.
package final class BodyTimer {
    private let timeout: TimeAmount
    private let bytesPerSecondMin: Int
    private var isReading = false
    private var bytes = 0
    /// When the first read left the body unfinished.
    private var began: NIODeadline?
    private var scheduled: Scheduled<Void>?

    package init(_ limits: ReceiverLimits) {
        timeout = TimeAmount(limits.bodyTimeout)
        bytesPerSecondMin = limits.bodyBytesPerSecondMin
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
        if scheduled == nil { schedule(context, in: timeout, expired) }
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
            let earned = TimeAmount.nanoseconds(
                Int64(self.bytes) * (1_000_000_000 / Int64(self.bytesPerSecondMin)))
            let left = began + self.timeout + earned - .now()
            if left > .zero { return self.schedule(context, in: left, expired) }
            self.isReading = false
            expired()
        }
    }
}
