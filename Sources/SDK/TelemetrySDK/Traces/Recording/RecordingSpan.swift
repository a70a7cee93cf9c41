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

    override var isLarge: Bool { locked { $0.spill != nil } }

    @inline(__always)
    func locked<Result>(_ body: (inout SpanState) -> Result) -> Result {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        defer { ctr_unlock(&state.pointee.lock) }
        return body(&state.pointee)
    }

    // MARK: Attributes

    /// Writes the attribute `key`: `writeValue` gets the place of its `AnyValue`'s content, of `valueSize` bytes.
    @inline(__always)
    private func put(_ key: String, valueSize: Int, _ writeValue: (inout SpanBytes) -> Void) {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        if let place = beginAttribute(key, valueSize) {
            var bytes = SpanBytes(place)
            writeValue(&bytes)
        }
        ctr_unlock(&state.pointee.lock)
    }

    /// See `SpanState.beginAttribute`. With the lock held.
    @inline(__always)
    func beginAttribute(_ key: String, _ valueSize: Int) -> UnsafeMutableRawPointer? {
        key.utf8.withContiguousStorageIfAvailable {
            beginAttribute(UnsafeRawBufferPointer($0), valueSize)
        } ?? beginForeign(key, valueSize)
    }

    /// Not inlined, so that there is one for all kinds of values.
    @inline(never)
    private func beginAttribute(_ key: UnsafeRawBufferPointer, _ valueSize: Int) -> UnsafeMutableRawPointer? {
        if state.pointee.hasBridged { forgetBridged(key) }
        return state.pointee.beginAttribute(key, valueSize: valueSize)
    }

    @inline(never)
    private func beginForeign(_ key: String, _ valueSize: Int) -> UnsafeMutableRawPointer? {
        // A string of another language's making: its bytes lie in one piece only when they have been copied.
        ctr_unlock(&state.pointee.lock)
        var native = key
        native.makeContiguousUTF8()
        ctr_lock(&state.pointee.lock)
        return native.utf8.withContiguousStorageIfAvailable {
            beginAttribute(UnsafeRawBufferPointer($0), valueSize)
        } ?? nil
    }

    override func set(_ key: String, string value: String) {
        if state.pointee.tracer.pointee.limitsValueLength { return set(key, value: .string(value)) }
        put(key, valueSize: SpanBytes.fieldSize(value.utf8.count)) { bytes in
            bytes.putField(SpanTag.Value.string, value)
        }
    }

    override func set(_ key: String, int value: Int64) {
        let bits = UInt64(bitPattern: value)
        put(key, valueSize: 1 &+ SpanBytes.varintSize(bits)) { bytes in
            bytes.put(SpanTag.Value.int)
            bytes.putVarint(bits)
        }
    }

    override func set(_ key: String, double value: Double) {
        put(key, valueSize: 9) { bytes in
            bytes.put(SpanTag.Value.double)
            bytes.putFixed64(value.bitPattern)
        }
    }

    override func set(_ key: String, bool value: Bool) {
        put(key, valueSize: 2) { bytes in
            bytes.put2(UInt16(SpanTag.Value.bool) | (value ? 0x100 : 0))
        }
    }

    override func set(_ key: String, value: AttributeValue) {
        let value = value.limited(by: state.pointee.tracer.owner.limits)
        put(key, valueSize: value.encodedSize) { bytes in value.encode(at: &bytes) }
    }

    override func attribute(_ key: String) -> AttributeValue? { currentAttributes()[key] }

    // MARK: Events, links, status, name

    override func addEvent(_ name: String, attributes: Attributes, at time: UInt64?) {
        let state = self.state
        let time = time ?? state.pointee.tracer.unixNano(distance: state.pointee.clockDistance)
        guard attributes.isEmpty else { return addRichEvent(name, attributes, time) }
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
