// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

extension TelemetrySpan {
    /// The attribute `key`. Setting it again overwrites it; nil is ignored. Reading is slow, meant for tests.
    public subscript(_ key: String) -> String? {
        get { if case .string(let value) = core?.attribute(key) { value } else { nil } }
        nonmutating set { if let newValue { core?.set(key, string: newValue) } }
    }

    /// The attribute `key`. Setting it again overwrites it; nil is ignored. Reading is slow, meant for tests.
    public subscript(_ key: String) -> Int? {
        get { if case .int(let value) = core?.attribute(key) { Int(exactly: value) } else { nil } }
        nonmutating set { if let newValue { core?.set(key, int: Int64(newValue)) } }
    }

    /// The attribute `key`. Setting it again overwrites it; nil is ignored. Reading is slow, meant for tests.
    public subscript(_ key: String) -> Double? {
        get { if case .double(let value) = core?.attribute(key) { value } else { nil } }
        nonmutating set { if let newValue { core?.set(key, double: newValue) } }
    }

    /// The attribute `key`. Setting it again overwrites it; nil is ignored. Reading is slow, meant for tests.
    public subscript(_ key: String) -> Bool? {
        get { if case .bool(let value) = core?.attribute(key) { value } else { nil } }
        nonmutating set { if let newValue { core?.set(key, bool: newValue) } }
    }

    /// The attribute `key` of any kind. Setting it again overwrites it; nil is ignored.
    public subscript(_ key: String) -> AttributeValue? {
        get { core?.attribute(key) }
        nonmutating set { if let newValue { core?.set(key, value: newValue) } }
    }

    /// Sets an attribute; an earlier value of `key` is overwritten, an empty key is ignored.
    public func setAttribute(_ key: String, _ value: String) { core?.set(key, string: value) }
    /// Sets an attribute; an earlier value of `key` is overwritten, an empty key is ignored.
    public func setAttribute(_ key: String, _ value: Int) { core?.set(key, int: Int64(value)) }
    /// Sets an attribute; an earlier value of `key` is overwritten, an empty key is ignored.
    public func setAttribute(_ key: String, _ value: Int64) { core?.set(key, int: value) }
    /// Sets an attribute; an earlier value of `key` is overwritten, an empty key is ignored.
    public func setAttribute(_ key: String, _ value: Double) { core?.set(key, double: value) }
    /// Sets an attribute; an earlier value of `key` is overwritten, an empty key is ignored.
    public func setAttribute(_ key: String, _ value: Bool) { core?.set(key, bool: value) }
    /// Sets an attribute of any kind; an earlier value of `key` is overwritten, an empty key is ignored.
    public func setAttribute(_ key: String, _ value: AttributeValue) { core?.set(key, value: value) }

    /// Sets several attributes.
    public func setAttributes(_ attributes: Attributes) {
        guard let core, core.isRecording else { return }
        for attribute in attributes { core.set(attribute.key, value: attribute.value) }
    }

    /// Adds something that happened at one moment. Events keep their order; odd times are kept as given.
    ///
    /// - Parameters:
    ///   - name: what happened.
    ///   - attributes: of the event.
    ///   - unixNano: nanoseconds since 1970-01-01 00:00:00 UTC, nil for now.
    public func addEvent(_ name: String, _ attributes: Attributes = Attributes(), at unixNano: UInt64? = nil)
    {
        core?.addEvent(name, attributes: attributes, at: unixNano)
    }

    /// Points to another span. One without ids is kept only when it has attributes or trace state.
    public func addLink(to context: SpanContext, attributes: Attributes = Attributes()) {
        core?.addLink(to: context, attributes: attributes)
    }

    /// Adds an event `exception` with type and message of `error`, and its stack trace when it is
    /// ``StackTraceProviding``; `attributes` win over those made from it.
    ///
    /// Sets no status: say with ``setStatus(_:_:)`` whether the operation failed because of it.
    public func recordError(
        _ error: any Error, attributes: Attributes = Attributes(), at unixNano: UInt64? = nil
    ) {
        core?.recordError(error, attributes: attributes, at: unixNano)
    }

    /// How the operation went. `unset` is ignored, nothing changes `ok`, the last `error` wins; only an error keeps
    /// its message.
    public func setStatus(_ code: SpanStatus.Code, _ message: String = "") {
        core?.setStatus(SpanStatus(code: code, message: message))
    }

    /// Replaces the name. Sampling, which may have looked at the old one, is not done again.
    public func updateName(_ name: String) { core?.updateName(name) }

    /// Ends the span and hands it on to be exported; the first call wins, from whatever thread. Never blocks on I/O.
    ///
    /// - Parameter unixNano: nanoseconds since 1970-01-01 00:00:00 UTC, nil for now.
    public func end(at unixNano: UInt64? = nil) { core?.end(at: unixNano) }
}
