// SPDX-License-Identifier: Apache-2.0

/// The role of a span in a call. Raw values are OTLP's `Span.SpanKind`.
public enum SpanKind: Int32, Hashable, Sendable, CaseIterable {
    /// Sent by nobody who follows the specification; receivers may read it as ``internal``.
    case unspecified = 0
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}
