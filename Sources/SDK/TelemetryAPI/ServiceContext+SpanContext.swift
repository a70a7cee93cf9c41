// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryModel

enum SpanKey: ServiceContextKey {
    typealias Value = SpanCell
    static let nameOverride: String? = "opentelemetry-span"
}

extension ServiceContext {
    /// The context of the span that is current here, local or extracted from a carrier; nil when there is none.
    public var spanContext: SpanContext? {
        get { spanCore?.context }
        set { self[SpanKey.self] = newValue.map { SpanCell(.carrying($0)) } }
    }

    /// The span that is current here: one of this process, of whichever API made it, or one that only carries what
    /// was extracted; nil when there is none.
    public var span: TelemetrySpan? {
        get { spanCore.map(TelemetrySpan.init) }
        set { self[SpanKey.self] = newValue?.coreForContext.map(SpanCell.init) }
    }

    /// What the span of this context is made of.
    @_spi(TelemetrySDK) public var spanCore: SpanCore? {
        // The test of emptiness saves hashing the key (12 against 60 ns), and so does knowing the context.
        get { isEmpty ? nil : ThreadContexts.span(of: self) ?? self[SpanKey.self]?.core }
        set { self[SpanKey.self] = newValue.map(SpanCell.init) }
    }
}
