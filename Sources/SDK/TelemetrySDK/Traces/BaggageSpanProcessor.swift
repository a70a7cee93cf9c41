// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryAPI

/// Copies baggage to the attributes of each span that starts, for the names that are asked for.
///
/// The value at the start of a span counts. Baggage comes from callers: name what is wanted, so that a stranger
/// cannot fill spans with attributes. What a span was started with stays, since it was set by this program.
public struct BaggageSpanProcessor: SpanProcessor {
    private let isCopied: @Sendable (String) -> Bool

    /// - Parameter isCopied: whether the entry of this name becomes an attribute of the same name.
    public init(where isCopied: @escaping @Sendable (String) -> Bool) { self.isCopied = isCopied }

    /// Copies the entries with these names.
    public init(names: Set<String>) { self.init { names.contains($0) } }

    public func onStart(_ span: TelemetrySpan, parentContext: ServiceContext) {
        guard !parentContext.isEmpty else { return }
        for entry in parentContext.baggage.entries where isCopied(entry.name) {
            let existing: String? = span[entry.name]
            if existing == nil { span.setAttribute(entry.name, entry.value) }
        }
    }
}
