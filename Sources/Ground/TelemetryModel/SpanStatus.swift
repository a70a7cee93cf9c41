// SPDX-License-Identifier: Apache-2.0

/// How a span ended.
public struct SpanStatus: Hashable, Sendable {
    /// Raw values are OTLP's `Status.StatusCode`.
    public enum Code: Int32, Hashable, Sendable, CaseIterable {
        case unset = 0
        case ok = 1
        case error = 2
    }

    public var code: Code
    /// Only meaningful with ``Code/error``; empty for none.
    public var message: String

    public init(code: Code = .unset, message: String = "") {
        self.code = code
        self.message = message
    }
}
