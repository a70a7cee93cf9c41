// SPDX-License-Identifier: Apache-2.0

/// An error that knows where it was thrown. Swift's errors do not; one that was made with a stack trace, or that came
/// from another language's runtime, says so by conforming.
///
/// ``TelemetrySpan/recordError(_:attributes:at:)`` makes the attribute `exception.stacktrace` of it.
/// Source: semantic conventions 1.44, "Attributes Registry: Exception".
public protocol StackTraceProviding: Error {
    /// As people read it, one frame a line; nil when there is none.
    var stackTrace: String? { get }
}
