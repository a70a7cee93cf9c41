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

    @inline(__always)
    static func make(
        _ decision: borrowing SpanDecision, _ parent: SpanCore?, name: String, kind: TelemetryModel.SpanKind,
        startUnixNano: UInt64, clockDistance: UInt64, tracer: UnsafePointer<TracerFacts>
    ) -> RecordingSpan {
        let identity = decision.identity(parent)
        // Safety: create makes an instance of the class it is called on.
        let span = unsafeDowncast(
            create(minimumCapacity: wordCount) { _ in identity }, to: RecordingSpan.self)
        let memory = UnsafeMutableRawPointer(span.state)
        let size = MemoryLayout<SpanState>.stride
        let state = memory.initializeMemory(
            as: SpanState.self,
            to: SpanState(
                isSampled: decision.flags & 1 != 0, startUnixNano: startUnixNano,
                clockDistance: clockDistance,
                tracer: tracer, fields: memory + size, fieldsUsed: 0, fieldsCapacity: wordCount * 8 - size,
                nameOffset: 0))
        if identity.hasTraceState {
            begin(state, decision, span.traceState.headerValue, name, kind)
        } else {
            begin(state, decision, name, kind)
        }
        return span
    }

    /// Ids 28, parent 10, kind 2, time 9, flags 6.
    private static let sizeMaxBeforeName = 55

    @inline(never)
    private static func begin(
        _ state: UnsafeMutablePointer<SpanState>, _ decision: borrowing SpanDecision, _ traceState: String,
        _ name: String, _ kind: TelemetryModel.SpanKind
    ) {
        let size = SpanBytes.fieldSize(traceState.utf8.count)
        guard state.pointee.makeRoom(sizeMaxBeforeName + size) else {
            return begin(state, decision, name, kind)
        }
        var bytes = SpanBytes(state.pointee.fields)
        bytes.putField(SpanTag.traceState, traceState)
        state.pointee.fieldsUsed = size
        begin(state, decision, name, kind)
    }

    /// Writes what is known at the start.
    @inline(__always)
    private static func begin(
        _ state: UnsafeMutablePointer<SpanState>, _ decision: borrowing SpanDecision, _ name: String,
        _ kind: TelemetryModel.SpanKind
    ) {
        if !state.pointee.makeRoom(sizeMaxBeforeName &+ SpanBytes.fieldSize(name.utf8.count)) {
            // Sixteen megabytes of name: no receiver would take it.
            return begin(state, decision, "", kind)
        }
        var bytes = SpanBytes(state.pointee.fields + state.pointee.fieldsUsed)
        bytes.put2(SpanTag.traceIDWithSize)
        bytes.putBigEndian(decision.traceID.high)
        bytes.putBigEndian(decision.traceID.low)
        bytes.put2(SpanTag.spanIDWithSize)
        bytes.putBigEndian(decision.spanID.value)
        if decision.parentSpanID != 0 {
            bytes.put2(SpanTag.parentSpanIDWithSize)
            bytes.putBigEndian(decision.parentSpanID)
        }
        bytes.put(SpanTag.kind)
        bytes.put(UInt8(truncatingIfNeeded: kind.rawValue))
        bytes.put(SpanTag.startTime)
        bytes.putFixed64(state.pointee.startUnixNano)
        bytes.put2(SpanTag.flags)
        bytes.putFixed32(SpanTag.flags(decision.flags, isRemote: decision.parentIsRemote))
        state.pointee.nameOffset = bytes.position - state.pointee.fields
        bytes.putField(SpanTag.name, name)
        state.pointee.fieldsUsed = bytes.position - state.pointee.fields
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

    @inline(__always)
    private func put(_ key: String, valueSize: Int, _ writeValue: (inout SpanBytes) -> Void) {
        let state = self.state
        let stored: Void? = key.utf8.withContiguousStorageIfAvailable { key in
            ctr_lock(&state.pointee.lock)
            if state.pointee.hasBridged { forgetBridged(key) }
            if var bytes = state.pointee.beginAttribute(UnsafeRawBufferPointer(key), valueSize: valueSize) {
                writeValue(&bytes)
            }
            ctr_unlock(&state.pointee.lock)
        }
        if stored == nil { putForeign(key, valueSize: valueSize, writeValue) }
    }

    @inline(never)
    private func putForeign(_ key: String, valueSize: Int, _ writeValue: (inout SpanBytes) -> Void) {
        // A string of another language's making: its bytes lie in one piece only when they have been copied.
        var native = key
        native.makeContiguousUTF8()
        put(native, valueSize: valueSize, writeValue)
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
            bytes.put(SpanTag.Value.bool)
            bytes.put(value ? 1 : 0)
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
