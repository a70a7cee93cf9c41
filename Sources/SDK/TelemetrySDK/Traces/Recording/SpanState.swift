// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import TelemetryModel
import Tracing

/// What a recorded span knows, at the start of its memory; what was set on it follows as protobuf bytes.
///
/// Reached through a raw pointer only. Everything that can change is guarded by ``lock``, except after the phase has
/// become `ended`, when nothing changes any more.
struct SpanState {
    enum Phase: UInt8 {
        case recording
        /// The end time is fixed, and processors are being told on the thread that ended it; only that thread may
        /// still change the span.
        case ending
        case ended
    }

    var lock: UInt32 = 0
    var phase = Phase.recording
    var kind: TelemetryModel.SpanKind
    var statusCode = TelemetryModel.SpanStatus.Code.unset
    var parentIsRemote: Bool
    var hasBridged = false
    /// Whether ``bridgedWord`` is being changed in place, and by which thread.
    var isLent = false
    var lentTo: UInt32 = 0
    var endingThread: UInt32 = 0
    var attributeCount: UInt32 = 0
    var droppedAttributes: UInt32 = 0
    var eventCount: UInt32 = 0
    var droppedEvents: UInt32 = 0
    var linkCount: UInt32 = 0
    var droppedLinks: UInt32 = 0
    /// One bit for each key that may have been set: a new key is told from a known one without a search.
    var keysSeen: UInt64 = 0
    /// Zero for a root.
    var parentSpanID: UInt64
    var startUnixNano: UInt64
    /// From the monotonic clock to Unix time, wrapping.
    var clockDistance: UInt64
    var endUnixNano: UInt64 = 0
    // Safety: never freed, see ScopedTracer.
    unowned(unsafe) let tracer: ScopedTracer
    /// Attributes, events and links in the order in which they were set, each a field of OTLP's `Span`.
    var fields: UnsafeMutableRawPointer
    var fieldsUsed = 0
    var fieldsCapacity: Int
    var name: String
    var statusMessage = ""
    /// Where the fields went when they outgrew the span's own memory.
    var spill: UnsafeMutableRawPointer?
    /// Attributes set through swift-distributed-tracing: a `SpanAttributes` in the making, see ``bridged(_:)``.
    var bridgedWord: UInt = 0
    /// The context that a span of swift-distributed-tracing started in; nil for those of `TelemetryAPI`.
    var serviceContext: ServiceContext?

    /// Makes room for `count` more bytes of fields; false when the span would become too big.
    @inline(__always)
    mutating func makeRoom(_ count: Int) -> Bool {
        count <= fieldsCapacity - fieldsUsed || grow(by: count)
    }

    @inline(never)
    private mutating func grow(by count: Int) -> Bool {
        let needed = fieldsUsed + count
        guard needed <= SpanLimits.encodedBytesMax else { return false }
        let capacity = max(needed, fieldsCapacity * 2)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        memory.copyMemory(from: fields, byteCount: fieldsUsed)
        spill?.deallocate()
        spill = memory
        fields = memory
        fieldsCapacity = capacity
        return true
    }

    /// Whether the calling thread may change the span. Call it with the lock held.
    @inline(__always)
    var isOpen: Bool {
        phase == .recording || (phase == .ending && endingThread == ctr_thread_number())
    }
}
