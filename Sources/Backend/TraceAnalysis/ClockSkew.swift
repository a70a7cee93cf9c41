// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel

/// A span lies outside its parent's time in a way that no asynchronous work explains.
///
/// A child may end after its parent (work handed on), and a message may be taken long after it was sent; but
/// nothing starts before its cause, and a server does not begin to answer a call that has already ended well.
package struct ClockSkew: Hashable, Sendable {
    package enum Direction: Hashable, Sendable {
        /// Starts before its parent starts.
        case early
        /// A server span that starts after its client span ended.
        case late
    }

    package let direction: Direction
    /// How far outside, nanoseconds: the clocks differ by at least this.
    package let amountNano: UInt64
    /// Parent and child came from different resources: the child is drawn moved into its parent's time.
    package let isCorrected: Bool
}

/// What is added to the times of one span to bring it onto the clock of the root.
struct ClockCorrection {
    /// Spans of programs that know only milliseconds are off by up to one without any fault.
    static let toleranceNano: UInt64 = 1_000_000

    static let none = ClockCorrection(offsetNano: 0, skew: nil)

    let offsetNano: Int64
    let skew: ClockSkew?

    private init(offsetNano: Int64, skew: ClockSkew?) {
        self.offsetNano = offsetNano
        self.skew = skew
    }

    init(of span: SpanData, under parent: TraceTree.Node, sameClock: Bool) {
        let inherited = sameClock ? parent.clockOffsetNano : 0
        let start = span.startTimeUnixNano.moved(by: inherited)
        let isCall = span.kind == .server && parent.span.kind == .client
        let (parentStart, parentEnd) = (parent.startTimeUnixNano, parent.endTimeUnixNano)

        let direction: ClockSkew.Direction
        let amount: UInt64
        if start < parentStart, parentStart - start > Self.toleranceNano {
            (direction, amount) = (.early, parentStart - start)
        } else if isCall, !sameClock, parent.span.status.code != .error, start > parentEnd,
            start - parentEnd > Self.toleranceNano
        {
            (direction, amount) = (.late, start - parentEnd)
        } else {
            self.init(offsetNano: inherited, skew: nil)
            return
        }

        let skew = ClockSkew(direction: direction, amountNano: amount, isCorrected: !sameClock)
        guard !sameClock else {
            self.init(offsetNano: inherited, skew: skew)
            return
        }
        // Nothing says how the way there and back share the rest of the call: half and half, as NTP assumes.
        let parentDuration = parentEnd - parentStart
        let slack =
            isCall && span.durationNano < parentDuration ? (parentDuration - span.durationNano) / 2 : 0
        self.init(
            offsetNano: span.startTimeUnixNano.offset(to: parentStart + slack), skew: skew)
    }
}

extension UInt64 {
    /// This time later (or earlier) by `offset`; stays within what can be written.
    func moved(by offset: Int64) -> UInt64 {
        if offset >= 0 {
            let (sum, overflow) = addingReportingOverflow(offset.magnitude)
            return overflow ? .max : sum
        }
        return self > offset.magnitude ? self - offset.magnitude : 0
    }

    /// What to move this time by to arrive at `target`; limited to ±292 years.
    func offset(to target: UInt64) -> Int64 {
        if target >= self { return Int64(clamping: target - self) }
        return -Int64(clamping: self - target)
    }
}
