// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The spans of one operation in a block, in a few figures: sixteen bytes, of which a store of ten million spans may
/// have a million.
///
/// Bounds, rounded outward: durations by a quarter at most, starts by a millisecond. So a block may be looked into in
/// vain, and never left out.
struct OperationFigures: Hashable, Sendable {
    let operation: UInt32
    /// Bit `n` is set when there is a span with status code `n`.
    private(set) var statuses: UInt8
    private(set) var shortest: DurationBound
    private(set) var longest: DurationBound
    /// As ``BlockInfo/partStartMax``, of the traces that have one of the spans.
    private(set) var partStartMax: UInt64

    /// Nanoseconds to which starts are rounded.
    static let startUnit: UInt64 = 1 << 20

    init(
        operation: UInt32, statuses: UInt8, shortest: DurationBound, longest: DurationBound,
        partStartMax: UInt64
    ) {
        self.operation = operation
        self.statuses = statuses
        self.shortest = shortest
        self.longest = longest
        self.partStartMax = partStartMax
    }

    /// Of one span, in a trace part with that start.
    init(_ row: SpanRow, partStart: UInt64) {
        self.init(
            operation: row.operation, statuses: 1 << UInt8(truncatingIfNeeded: row.status.rawValue),
            shortest: .below(row.duration), longest: .above(row.duration), partStartMax: partStart)
    }

    mutating func add(_ other: Self) {
        statuses |= other.statuses
        shortest = min(shortest, other.shortest)
        longest = max(longest, other.longest)
        partStartMax = max(partStartMax, other.partStartMax)
    }

    /// With the start rounded, below the latest of the block.
    func rounded(below latest: UInt64) -> Self {
        var rounded = self
        let before = latest - partStartMax
        rounded.partStartMax = latest - before / Self.startUnit * Self.startUnit
        return rounded
    }

    /// Knowing no start of its own.
    func starting(at latest: UInt64) -> Self {
        var general = self
        general.partStartMax = latest
        return general
    }

    func mayMeet(_ condition: SpanCondition) -> Bool {
        guard shortest.lower <= condition.durationMax, longest.upper >= condition.durationMin else {
            return false
        }
        return condition.status.map { statuses >> UInt8(truncatingIfNeeded: $0.rawValue) & 1 == 1 } ?? true
    }
}

/// A duration in one byte: a power of two and two further bits. Kept in files: never change what a code means.
struct DurationBound: Hashable, Comparable, Sendable {
    let code: UInt8

    init(code: UInt8) { self.code = code }

    /// The longest that is not above `nanoseconds`.
    static func below(_ nanoseconds: UInt64) -> DurationBound {
        guard nanoseconds >= 4 else { return DurationBound(code: UInt8(truncatingIfNeeded: nanoseconds)) }
        let power = 63 - nanoseconds.leadingZeroBitCount
        let rest = nanoseconds >> UInt64(power - 2) & 3
        return DurationBound(
            code: UInt8(truncatingIfNeeded: (power - 1) * 4) + UInt8(truncatingIfNeeded: rest))
    }

    /// The shortest that is not below `nanoseconds`.
    static func above(_ nanoseconds: UInt64) -> DurationBound {
        let below = below(nanoseconds)
        return below.lower == nanoseconds || below.code == .max ? below : DurationBound(code: below.code + 1)
    }

    /// Nanoseconds.
    var lower: UInt64 {
        guard code >= 4 else { return UInt64(code) }
        return (4 + UInt64(code & 3)) << UInt64(code / 4 - 1)
    }

    /// Nanoseconds; the greatest code is above everything.
    var upper: UInt64 { code >= Self.codeMax ? .max : lower }

    /// Of 1.75 times 2^63 and more.
    private static let codeMax: UInt8 = 251

    static func < (left: Self, right: Self) -> Bool { left.code < right.code }
}
