// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// A pointer to another span, given when a span is started.
public struct TelemetryLink: Hashable, Sendable {
    /// The span pointed to.
    public var context: SpanContext
    public var attributes: Attributes

    public init(_ context: SpanContext, attributes: Attributes = Attributes()) {
        self.context = context
        self.attributes = attributes
    }
}
