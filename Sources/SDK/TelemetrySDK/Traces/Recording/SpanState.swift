// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import TelemetryModel

/// What a recorded span knows besides its context, at the start of its memory. The fields of OTLP's `Span` follow,
/// encoded as soon as they are known: ids, kind, start time, flags and name when it starts, attributes, events and
/// links as they are set. Only the end time, the status and the counts of what was dropped are added at the end.
///
/// Plain words, so that nothing has to be copied, counted or destroyed; reached through a raw pointer only. What can
/// change is guarded by ``lock``, until the phase has become `ended`, when nothing changes any more.
struct SpanState {
    enum Phase: UInt8 {
        case recording
        /// Somebody ended it while the attributes were lent to a task that had been suspended: it ends for good when
        /// they come back. Nobody may change it meanwhile.
        case awaitingLender
        /// The end time is fixed, and processors are being told on the thread that ended it; only that thread may
        /// still change the span.
        case ending
        case ended
    }

    var lock: UInt32 = 0
    var phase = Phase.recording
    /// OTLP's `Status.StatusCode`.
    var statusCode: UInt8 = 0
    let isSampled: Bool
    var hasBridged = false
    /// Whether ``bridgedWord`` is being changed in place.
    var isLent = false
    var hasServiceContext = false
    /// Whether anything was over a limit.
    var hasDropped = false
    /// Whether the fields outgrew the span's own memory. Atomic; never taken back.
    var hasSpilled = false
    /// Whether there is anything to be let go with the span.
    var ownsMore = false
    /// The thread that began to change it. It may go on on another: for whom waiting is worth while, no more.
    var lentTo: UInt32 = 0
    var endingThread: UInt32 = 0
    var attributeCount: UInt32 = 0
    var eventCount: UInt32 = 0
    var linkCount: UInt32 = 0
    var droppedAttributes: UInt32 = 0
    var droppedEvents: UInt32 = 0
    var droppedLinks: UInt32 = 0
    /// One bit for each key that may have been set: a new key is told from a known one without a search.
    var keysSeen: UInt64 = 0
    let startUnixNano: UInt64
    /// From the monotonic clock to Unix time, wrapping; 0 when it was not needed at the start.
    let clockDistance: UInt64
    var endUnixNano: UInt64 = 0
    let tracer: UnsafePointer<TracerFacts>
    var fields: UnsafeMutableRawPointer
    var fieldsUsed: Int
    var fieldsCapacity: Int
    /// Where in the fields the name's field starts; what can be searched for lies behind it.
    var nameOffset: Int
    /// Where the fields went when they outgrew the span's own memory.
    var spill: UnsafeMutableRawPointer?
    /// The status' message, one string, when there is one.
    var statusMessage: UnsafeMutablePointer<String>?
    /// Attributes set through swift-distributed-tracing: a `SpanAttributes` in the making when ``hasBridged``.
    var bridgedWord: UInt = 0
    /// What is to be done with them when they come back, if anything.
    var whileLent: UnsafeMutablePointer<AttributesWhileLent>?
    /// The `ServiceContext` that a span of swift-distributed-tracing started in, when ``hasServiceContext``.
    var serviceContextWord: UInt = 0

    /// Makes room for `count` more bytes of fields; false when the span would become too big.
    @inline(__always)
    mutating func makeRoom(_ count: Int) -> Bool {
        count <= fieldsCapacity &- fieldsUsed || grow(by: count)
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
        ownsMore = true
        ctr_store_flag(&hasSpilled, true)
        return true
    }

    /// Whether the calling thread may change the span. Call it with the lock held.
    @inline(__always)
    var isOpen: Bool {
        phase == .recording || (phase == .ending && endingThread == ctr_thread_number())
    }

    /// What limits leave out.
    enum Dropped {
        case attributes, events, links
        /// Attributes of an event or a link, which counts them itself.
        case within
    }

    /// Counts what was left out; a count stays at the most that it can hold.
    @inline(never)
    mutating func drop(_ what: Dropped, _ added: UInt32 = 1) {
        hasDropped = true
        func add(_ counter: inout UInt32) {
            let (sum, overflows) = counter.addingReportingOverflow(added)
            counter = overflows ? .max : sum
        }
        switch what {
        case .attributes: add(&droppedAttributes)
        case .events: add(&droppedEvents)
        case .links: add(&droppedLinks)
        case .within: break
        }
    }
}
