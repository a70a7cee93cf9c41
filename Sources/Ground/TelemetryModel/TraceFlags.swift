// SPDX-License-Identifier: Apache-2.0

/// The flag byte of a trace context.
///
/// Source: W3C Trace Context Level 2, "trace-flags".
public struct TraceFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The caller may have recorded this trace.
    public static let sampled = TraceFlags(rawValue: 0x01)
    /// At least the right-most seven bytes of the trace id were chosen at random (Level 2).
    public static let random = TraceFlags(rawValue: 0x02)
}
