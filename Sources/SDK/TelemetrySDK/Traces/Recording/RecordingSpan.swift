// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import OTLPWire
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
        _ context: SpanContext, name: String, kind: TelemetryModel.SpanKind, parentSpanID: UInt64,
        parentIsRemote: Bool, startUnixNano: UInt64, clockDistance: UInt64, tracer: ScopedTracer
    ) -> RecordingSpan {
        // Safety: create makes an instance of the class it is called on.
        let span = unsafeDowncast(create(minimumCapacity: wordCount) { _ in context }, to: RecordingSpan.self)
        span.withUnsafeMutablePointerToElements { words in
            let memory = UnsafeMutableRawPointer(words)
            let size = MemoryLayout<SpanState>.stride
            memory.initializeMemory(
                as: SpanState.self,
                to: SpanState(
                    kind: kind, parentIsRemote: parentIsRemote, parentSpanID: parentSpanID,
                    startUnixNano: startUnixNano, clockDistance: clockDistance, tracer: tracer,
                    fields: memory + size, fieldsCapacity: wordCount * 8 - size, name: name))
        }
        return span
    }

    deinit {
        state.pointee.spill?.deallocate()
        if state.pointee.hasBridged { SpanState.bridged(state).deinitialize(count: 1) }
        state.deinitialize(count: 1)
    }

    override var isRecording: Bool {
        locked { $0.isOpen }
    }

    @inline(__always)
    func locked<Result>(_ body: (inout SpanState) -> Result) -> Result {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        defer { ctr_unlock(&state.pointee.lock) }
        return body(&state.pointee)
    }

    // MARK: Attributes

    @inline(__always)
    private func put(
        _ key: String, valueSize: Int, _ writeValue: (inout UnsafeMutableRawPointer) -> Void
    ) {
        let state = self.state
        let stored: Void? = key.utf8.withContiguousStorageIfAvailable { key in
            ctr_lock(&state.pointee.lock)
            if state.pointee.hasBridged { forgetBridged(key) }
            let key = UnsafeRawBufferPointer(key)
            if let cursor = state.pointee.beginAttribute(key, valueSize: valueSize) {
                var cursor = cursor
                writeValue(&cursor)
            }
            ctr_unlock(&state.pointee.lock)
        }
        if stored == nil { putForeign(key, valueSize: valueSize, writeValue) }
    }

    @inline(never)
    private func putForeign(
        _ key: String, valueSize: Int, _ writeValue: (inout UnsafeMutableRawPointer) -> Void
    ) {
        let bytes = Array(key.utf8)
        bytes.withUnsafeBytes { key in
            locked { state in
                guard var cursor = state.beginAttribute(key, valueSize: valueSize) else { return }
                writeValue(&cursor)
            }
        }
    }

    override func set(_ key: String, string value: String) {
        if state.pointee.tracer.limits.attributeValueLength != nil {
            return set(key, value: .string(value))
        }
        let count = value.utf8.count
        put(key, valueSize: ProtobufBytes.lengthDelimitedSize(1, count: count)) { cursor in
            ProtobufBytes.putString(1, value, at: &cursor)
        }
    }

    override func set(_ key: String, int value: Int64) {
        let bits = UInt64(bitPattern: value)
        put(key, valueSize: 1 + ProtobufBytes.varintSize(bits)) { cursor in
            ProtobufBytes.putTag(3, .varint, at: &cursor)
            ProtobufBytes.putVarint(bits, at: &cursor)
        }
    }

    override func set(_ key: String, double value: Double) {
        put(key, valueSize: 9) { cursor in
            ProtobufBytes.putTag(4, .fixed64, at: &cursor)
            ProtobufBytes.putFixed64(value.bitPattern, at: &cursor)
        }
    }

    override func set(_ key: String, bool value: Bool) {
        put(key, valueSize: 2) { cursor in
            ProtobufBytes.putTag(2, .varint, at: &cursor)
            ProtobufBytes.putByte(value ? 1 : 0, at: &cursor)
        }
    }

    override func set(_ key: String, value: AttributeValue) {
        let value = value.limited(by: state.pointee.tracer.limits)
        put(key, valueSize: value.encodedSize) { cursor in value.encode(at: &cursor) }
    }

    override func attribute(_ key: String) -> AttributeValue? {
        currentAttributes()[key]
    }

    // MARK: Events, links, status, name

    override func addEvent(_ name: String, attributes: Attributes, at time: UInt64?) {
        let tracer = state.pointee.tracer
        let time = time ?? tracer.unixNano(distance: state.pointee.clockDistance)
        let event =
            attributes.isEmpty ? nil : attributes.limited(to: tracer.limits.attributesPerEvent, tracer.limits)
        locked { state in
            guard state.isOpen else { return }
            guard state.eventCount < tracer.limits.eventCount else { return state.droppedEvents += 1 }
            let written = state.appendEvent(
                name, time: time, attributes: event?.kept, dropped: event?.dropped ?? 0)
            if written { state.eventCount += 1 } else { state.droppedEvents += 1 }
        }
    }

    override func addLink(to context: SpanContext, attributes: Attributes) {
        let tracer = state.pointee.tracer
        // OpenTelemetry 1.60, "Link": links with all-zero ids are recorded if attributes or trace state are not empty.
        guard context.isValid || !attributes.isEmpty || !context.traceState.isEmpty else { return }
        let link = attributes.limited(to: tracer.limits.attributesPerLink, tracer.limits)
        let traceState = context.traceState.headerValue
        locked { state in
            guard state.isOpen else { return }
            guard state.linkCount < tracer.limits.linkCount else { return state.droppedLinks += 1 }
            let written = state.appendLink(
                context, traceState: traceState, attributes: link.kept, dropped: link.dropped)
            if written { state.linkCount += 1 } else { state.droppedLinks += 1 }
        }
    }

    override func recordError(_ error: any Error, attributes: Attributes, at time: UInt64?) {
        // OpenTelemetry 1.60, "Record Exception": "If attributes with the same name would be generated by the method
        // already, the additional attributes take precedence."
        var all: Attributes = [
            "exception.type": .string(String(reflecting: type(of: error))),
            "exception.message": .string("\(error)"),
        ]
        for attribute in attributes { all[attribute.key] = attribute.value }
        addEvent("exception", attributes: all, at: time)
    }

    override func setStatus(_ status: TelemetryModel.SpanStatus) {
        locked { state in
            // OpenTelemetry 1.60, "Set Status": Ok > Error > Unset; an attempt to set Unset is ignored.
            guard state.isOpen, status.code != .unset, state.statusCode != .ok else { return }
            state.statusCode = status.code
            state.statusMessage = status.code == .error ? status.message : ""
        }
    }

    override func updateName(_ name: String) {
        locked { state in
            guard state.isOpen else { return }
            state.name = name
        }
    }

    // MARK: End

    override func end(at time: UInt64?) {
        let state = self.state
        let tracer = state.pointee.tracer
        let end =
            time ?? max(state.pointee.startUnixNano, tracer.unixNano(distance: state.pointee.clockDistance))
        finish(at: end)
    }

    /// Ends the span at a moment already known.
    @inline(__always)
    func finish(at end: UInt64) {
        let state = self.state
        let tracer = state.pointee.tracer
        ctr_lock(&state.pointee.lock)
        if state.pointee.isLent {
            ctr_unlock(&state.pointee.lock)
            lockForEnd()
        }
        guard state.pointee.phase == .recording else { return ctr_unlock(&state.pointee.lock) }
        state.pointee.endUnixNano = end
        let left = state.pointee.hasBridged && !state.pointee.isLent ? sinkBridgedAttributes() : []
        if tracer.provider.tellsProcessors || !left.isEmpty {
            finishSlowly(left)
        } else {
            state.pointee.phase = .ended
            ctr_unlock(&state.pointee.lock)
        }
        if state.pointee.droppedAttributes | state.pointee.droppedEvents | state.pointee.droppedLinks != 0 {
            SDKDiagnostics.report(.spanLimitExceeded(spanName: state.pointee.name))
        }
        tracer.provider.take(self)
    }

    /// Gives the last word to others: attributes that have to be asked for their text, and processors. With the lock
    /// held, which it gives back.
    @inline(never)
    private func finishSlowly(_ left: [(String, SpanAttribute)]) {
        let state = self.state
        state.pointee.phase = .ending
        state.pointee.endingThread = ctr_thread_number()
        ctr_unlock(&state.pointee.lock)
        for (key, value) in left { set(key, value: AttributeValue(value)) }
        if state.pointee.tracer.provider.tellsProcessors { state.pointee.tracer.provider.tellEnding(self) }
        lockForEnd()
        // Set by a processor through swift-distributed-tracing.
        let more = state.pointee.hasBridged && !state.pointee.isLent ? sinkBridgedAttributes() : []
        ctr_unlock(&state.pointee.lock)
        for (key, value) in more { set(key, value: AttributeValue(value)) }
        locked { $0.phase = .ended }
    }
}
