// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel
import Tracing

/// A span that somebody takes.
///
/// One allocation: object header, span context, ``SpanState``, and then the protobuf fields of what is set on it,
/// encoded when it is set. Up to 1032 bytes the allocator serves it from a per-thread cache (10 instead of 46 ns).
final class RecordingSpan: SpanCore {
    /// Words behind the span context: 1032 bytes less object header and context.
    private static let wordCount = 121

    @inline(__always)
    var state: UnsafeMutablePointer<SpanState> {
        // Safety: `make` has initialised a SpanState there.
        withUnsafeMutablePointerToElements {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: SpanState.self)
        }
    }

    /// One with a trace state, or whatever else is not plain.
    static func make(
        _ decision: borrowing SpanDecision, _ parent: SpanCore?, name: String, kind: TelemetryModel.SpanKind,
        startUnixNano: UInt64, clockDistance: UInt64, tracer: UnsafePointer<TracerFacts>
    ) -> RecordingSpan {
        let identity = decision.identity(parent)
        let span = make(
            identity, startUnixNano: startUnixNano, clockDistance: clockDistance, tracer: tracer)
        if identity.hasTraceState { span.state.pointee.begin(traceState: span.traceState.headerValue) }
        span.state.pointee.begin(
            identity, parentSpanID: decision.parentSpanID, parentIsRemote: decision.parentIsRemote, name, kind
        )
        return span
    }

    @inline(__always)
    static func make(
        _ start: PlainStart, name: String, kind: TelemetryModel.SpanKind, startUnixNano: UInt64,
        clockDistance: UInt64, tracer: UnsafePointer<TracerFacts>
    ) -> RecordingSpan {
        let identity = SpanIdentity(
            traceHigh: start.traceHigh, traceLow: start.traceLow, spanID: start.spanID, flags: start.flags)
        let span = make(
            identity, startUnixNano: startUnixNano, clockDistance: clockDistance, tracer: tracer)
        span.state.pointee.begin(
            identity, parentSpanID: start.parentSpanID, parentIsRemote: start.parentIsRemote, name, kind)
        return span
    }

    @inline(__always)
    private static func make(
        _ identity: SpanIdentity, startUnixNano: UInt64, clockDistance: UInt64,
        tracer: UnsafePointer<TracerFacts>
    ) -> RecordingSpan {
        // Safety: create makes an instance of the class it is called on.
        let span = unsafeDowncast(
            create(minimumCapacity: wordCount) { _ in identity }, to: RecordingSpan.self)
        let memory = UnsafeMutableRawPointer(span.state)
        let size = MemoryLayout<SpanState>.stride
        memory.initializeMemory(
            as: SpanState.self,
            to: SpanState(
                isSampled: identity.flags & 1 != 0, startUnixNano: startUnixNano,
                clockDistance: clockDistance, tracer: tracer, fields: memory + size, fieldsUsed: 0,
                fieldsCapacity: wordCount * 8 - size, nameOffset: 0))
        return span
    }

    deinit {
        let state = self.state
        guard state.pointee.ownsMore else { return }
        if state.pointee.hasServiceContext { SpanState.serviceContext(state).deinitialize(count: 1) }
        if state.pointee.hasBridged {
            SpanState.bridged(state).deinitialize(count: 1)
            state.pointee.freeWhileLent()
        }
        state.pointee.spill?.deallocate()
        if let message = state.pointee.statusMessage {
            message.deinitialize(count: 1)
            message.deallocate()
        }
    }

    override var isRecording: Bool { locked { $0.isOpen } }

    override var isLarge: Bool { ctr_load_flag(&state.pointee.hasSpilled) }

    @inline(__always)
    func locked<Result>(_ body: (inout SpanState) -> Result) -> Result {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        defer { ctr_unlock(&state.pointee.lock) }
        return body(&state.pointee)
    }

    // MARK: Attributes

    override func set(_ key: String, string value: String) {
        if state.pointee.tracer.pointee.limitsValueLength { return set(key, value: .string(value)) }
        put(key, value)
    }

    override func set(_ key: String, int value: Int64) { put(key, ShortValue(value)) }

    override func set(_ key: String, double value: Double) { put(key, ShortValue(value)) }

    override func set(_ key: String, bool value: Bool) { put(key, ShortValue(value)) }

    override func set(_ key: String, value: AttributeValue) {
        switch value.limited(by: state.pointee.tracer.owner.limits) {
        case .string(let value): put(key, value)
        case .int(let value): put(key, ShortValue(value))
        case .double(let value): put(key, ShortValue(value))
        case .bool(let value): put(key, ShortValue(value))
        case let value:
            var key = key
            key.withUTF8 { key in putLong(UnsafeRawBufferPointer(key), value) }
        }
    }

    // A string of another language's making lies in one piece only when it has been copied.
    @inline(__always)
    private func put(_ key: String, _ value: ShortValue) {
        let isDone: Void? = key.utf8.withContiguousStorageIfAvailable {
            putShort(UnsafeRawBufferPointer($0), value)
        }
        if isDone == nil { putForeign(key, value) }
    }

    @inline(__always)
    private func put(_ key: String, _ value: String) {
        let isDone: Bool? = key.utf8.withContiguousStorageIfAvailable { key in
            let isDone: Void? = value.utf8.withContiguousStorageIfAvailable { value in
                putString(UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value))
            }
            return isDone != nil
        }
        if isDone != true { putForeign(key, value) }
    }

    @inline(never)
    private func putForeign(_ key: String, _ value: ShortValue) {
        var key = key
        key.withUTF8 { putShort(UnsafeRawBufferPointer($0), value) }
    }

    @inline(never)
    private func putForeign(_ key: String, _ value: String) {
        var (key, value) = (key, value)
        key.withUTF8 { key in
            value.withUTF8 { putString(UnsafeRawBufferPointer(key), UnsafeRawBufferPointer($0)) }
        }
    }

    // Not inlined: a string may lie in three ways, each of which would get a copy of these.
    @inline(never)
    private func putShort(_ key: UnsafeRawBufferPointer, _ value: ShortValue) {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        if state.pointee.hasBridged { forgetBridged(key) }
        state.pointee.put(key, value)
        ctr_unlock(&state.pointee.lock)
    }

    @inline(never)
    private func putString(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        if state.pointee.hasBridged { forgetBridged(key) }
        state.pointee.put(key, value)
        ctr_unlock(&state.pointee.lock)
    }

    @inline(never)
    private func putLong(_ key: UnsafeRawBufferPointer, _ value: AttributeValue) {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        if state.pointee.hasBridged { forgetBridged(key) }
        state.pointee.put(key, value)
        ctr_unlock(&state.pointee.lock)
    }

    override func attribute(_ key: String) -> AttributeValue? { currentAttributes()[key] }

    // MARK: Events, links, status, name

    override func addEvent(_ name: String, attributes: Attributes, at time: UInt64?) {
        let state = self.state
        let time = time ?? state.pointee.tracer.unixNano(distance: state.pointee.clockDistance)
        guard attributes.isEmpty else { return addRichEvent(name, attributes, time) }
        let isDone: Void? = name.utf8.withContiguousStorageIfAvailable {
            addPlainEvent(UnsafeRawBufferPointer($0), time)
        }
        if isDone == nil { addForeignEvent(name, time) }
    }

    @inline(never)
    private func addForeignEvent(_ name: String, _ time: UInt64) {
        var name = name
        name.withUTF8 { addPlainEvent(UnsafeRawBufferPointer($0), time) }
    }

    @inline(never)
    private func addPlainEvent(_ name: UnsafeRawBufferPointer, _ time: UInt64) {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        if state.pointee.isOpen {
            let fits = state.pointee.eventCount < state.pointee.tracer.pointee.eventCountMax
            if fits, state.pointee.appendEvent(name, time: time) {
                state.pointee.eventCount &+= 1
            } else {
                state.pointee.drop(.events)
            }
        }
        ctr_unlock(&state.pointee.lock)
    }

    @inline(never)
    private func addRichEvent(_ name: String, _ attributes: Attributes, _ time: UInt64) {
        let limits = state.pointee.tracer.owner.limits
        let (kept, dropped) = attributes.limited(to: limits.attributesPerEvent, limits)
        locked { state in
            guard state.isOpen else { return }
            let fits = state.eventCount < limits.eventCount
            if fits, state.appendEvent(name, time: time, kept, dropped: dropped) {
                state.eventCount += 1
                if dropped > 0 { state.drop(.within, dropped) }
            } else {
                state.drop(.events)
            }
        }
    }

    override func addLink(to context: SpanContext, attributes: Attributes) {
        // OpenTelemetry 1.60, "Link": those with all-zero ids are recorded if attributes or trace state are not
        // empty.
        guard context.isValid || !attributes.isEmpty || !context.traceState.isEmpty else { return }
        let limits = state.pointee.tracer.owner.limits
        let (kept, dropped) = attributes.limited(to: limits.attributesPerLink, limits)
        let traceState = context.traceState.headerValue
        locked { state in
            guard state.isOpen else { return }
            let fits = state.linkCount < limits.linkCount
            if fits, state.appendLink(context, traceState: traceState, kept, dropped: dropped) {
                state.linkCount += 1
                if dropped > 0 { state.drop(.within, dropped) }
            } else {
                state.drop(.links)
            }
        }
    }

    override func recordError(_ error: any Error, attributes: Attributes, at time: UInt64?) {
        // What an error says of itself may be dear to make.
        guard isRecording else { return }
        // OpenTelemetry 1.60, "Record Exception": "If attributes with the same name would be generated by the method
        // already, the additional attributes take precedence."
        var all: Attributes = [
            "exception.type": .string(String(reflecting: type(of: error))),
            "exception.message": .string("\(error)"),
        ]
        if let stackTrace = (error as? any StackTraceProviding)?.stackTrace {
            all["exception.stacktrace"] = .string(stackTrace)
        }
        for attribute in attributes { all[attribute.key] = attribute.value }
        addEvent("exception", attributes: all, at: time)
    }

    override func setStatus(_ status: TelemetryModel.SpanStatus) {
        locked { state in
            // OpenTelemetry 1.60, "Set Status": Ok > Error > Unset; an attempt to set Unset is ignored.
            let ok = UInt8(TelemetryModel.SpanStatus.Code.ok.rawValue)
            guard state.isOpen, status.code != .unset, state.statusCode != ok else { return }
            state.statusCode = UInt8(truncatingIfNeeded: status.code.rawValue)
            var message = status.code == .error ? status.message : ""
            if message.utf8.count > SpanLimits.statusMessageBytesMax {
                message = message.prefix(utf8Count: SpanLimits.statusMessageBytesMax)
            }
            if let known = state.statusMessage {
                known.pointee = message
            } else if !message.isEmpty {
                let memory = UnsafeMutablePointer<String>.allocate(capacity: 1)
                memory.initialize(to: message)
                state.statusMessage = memory
                state.ownsMore = true
            }
        }
    }

    override func updateName(_ name: String) {
        locked { state in
            guard state.isOpen else { return }
            state.rename(name)
        }
    }

    override func end(at time: UInt64?) {
        let state = self.state
        if let time { return finish(at: time) }
        let now = state.pointee.tracer.unixNano(distance: state.pointee.clockDistance)
        finish(at: max(state.pointee.startUnixNano, now))
    }
}
