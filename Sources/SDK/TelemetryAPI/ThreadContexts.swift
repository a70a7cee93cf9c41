// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import ServiceContextModule

/// The contexts that a thread has made for its latest spans, to be used again.
///
/// A `ServiceContext` is a dictionary, and one for each span means making and freeing a dictionary for each span
/// (2,500 instructions; the span itself takes 900), setting its entry means hashing the key (1,300). Most hold a span
/// and nothing else: such a context is kept with the cell that its entry is, and the cell gets the next span, unless
/// somebody else still has the context or the cell. Whether contexts are kept or given back rightly decides only what
/// they cost, never what they hold.
enum ThreadContexts {
    /// A context, and the span it holds.
    private struct Slot {
        /// The first field: the slot's address is its own. Empty, or with a span and nothing else.
        var context: ServiceContext
        /// The entry of the context, which keeps it alive; nil for an empty context.
        var cell: Unmanaged<SpanCell>?
        /// Kept alive by the context; nil for none, and while the context is being changed.
        var span: Unmanaged<SpanCore>?
        var spanID: UInt64
    }

    private struct Slots {
        /// Slots of spans that are current, as far as this thread knows: the innermost last.
        var depth = 0
        /// The release of a span can come here again.
        var isChanging = false
        let knowsSoleOwner = SoleOwner.isKnowable()
        let slots: UnsafeMutablePointer<Slot>
    }

    /// Spans inside each other whose contexts are kept; beyond, it starts anew. As many ended spans may stay in memory
    /// for each thread.
    private static let depthMax = 8

    /// The span of `context` when this thread has made it last.
    @inline(__always)
    static func span(of context: ServiceContext) -> SpanCore? {
        unretainedSpan(of: context)?.takeUnretainedValue()
    }

    @inline(__always)
    private static func unretainedSpan(of context: ServiceContext) -> Unmanaged<SpanCore>? {
        guard let slots = known else { return nil }
        let depth = slots.pointee.depth
        guard depth > 0 else { return nil }
        let slot = slots.pointee.slots + (depth &- 1)
        guard let span = slot.pointee.span, isSame(context, slot) else { return nil }
        return span
    }

    /// Two contexts of the same bits are the same: both are alive.
    @inline(__always)
    private static func isSame(_ context: ServiceContext, _ slot: UnsafeMutablePointer<Slot>) -> Bool {
        withUnsafeBytes(of: context) { left in
            let right = UnsafeRawPointer(slot)
            if left.count == MemoryLayout<UInt>.size {
                return left.load(as: UInt.self) == right.load(as: UInt.self)
            }
            return left.elementsEqual(UnsafeRawBufferPointer(start: right, count: left.count))
        }
    }

    /// `parent` with `span` as the current one.
    static func context(_ parent: ServiceContext, with span: SpanCore) -> ServiceContext {
        guard let slots = known ?? make(), !slots.pointee.isChanging, holdsOnlySpan(parent) else {
            var context = parent
            context[SpanKey.self] = SpanCell(span)
            return context
        }
        var depth = slots.pointee.depth
        if depth > 0, let last = slots.pointee.slots[depth &- 1].span,
            last.toOpaque() == Unmanaged.passUnretained(span).toOpaque()
        {
            return slots.pointee.slots[depth &- 1].context
        }
        if depth == depthMax { depth = 0 }
        let slot = slots.pointee.slots + depth
        slots.pointee.isChanging = true
        slot.pointee.span = nil
        // Let go when the slot is in order: what a span's end runs may come here again.
        var last: Unmanaged<SpanCore>?
        if let cell = slot.pointee.cell, slots.pointee.knowsSoleOwner,
            SoleOwner.isOnly(&slot.pointee.context, &slot.pointee.cell)
        {
            last = cell._withUnsafeGuaranteedRef { $0.exchange(for: span) }
        } else {
            let cell = SpanCell(span)
            slot.pointee.cell = nil
            slot.pointee.context[SpanKey.self] = cell
            slot.pointee.cell = .passUnretained(cell)
        }
        slot.pointee.span = .passUnretained(span)
        slot.pointee.spanID = span.identity.pointee.spanID
        slots.pointee.depth = depth + 1
        slots.pointee.isChanging = false
        ctr_store_flag(&span.identity.pointee.isInThreadContexts, true)
        let context = slot.pointee.context
        last?.release()
        return context
    }

    @inline(__always)
    private static func holdsOnlySpan(_ context: ServiceContext) -> Bool {
        if context.isEmpty || unretainedSpan(of: context) != nil { return true }
        return context.count == 1 && context[SpanKey.self] != nil
    }

    /// The context of a span is not needed any more by who asked for it, as far as this thread knows.
    static func giveBack(_ spanID: UInt64, forget: Bool) {
        guard let slots = known else { return }
        var depth = slots.pointee.depth
        while depth > 0 {
            depth &-= 1
            let slot = slots.pointee.slots + depth
            guard slot.pointee.spanID == spanID else { continue }
            slots.pointee.depth = depth
            if forget, !slots.pointee.isChanging {
                slot.pointee.span = nil
                slot.pointee.cell = nil
                slot.pointee.context = .topLevel
            }
            return
        }
    }

    // MARK: Memory

    @inline(__always)
    private static var known: UnsafeMutablePointer<Slots>? {
        ctr_thread_contexts()?.assumingMemoryBound(to: Slots.self)
    }

    @inline(never)
    private static func make() -> UnsafeMutablePointer<Slots>? {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: depthMax)
        slots.initialize(
            repeating: Slot(context: .topLevel, cell: nil, span: nil, spanID: 0), count: depthMax)
        let memory = UnsafeMutablePointer<Slots>.allocate(capacity: 1)
        memory.initialize(to: Slots(slots: slots))
        ctr_set_thread_contexts(memory) { memory in
            guard let memory = memory?.assumingMemoryBound(to: Slots.self) else { return }
            memory.pointee.slots.deinitialize(count: ThreadContexts.depthMax)
            memory.pointee.slots.deallocate()
            memory.deallocate()
        }
        return known
    }
}

extension SpanCore {
    /// Says that the span is not current any more on this thread. For spans whose context somebody asked for.
    @_spi(TelemetrySDK) public final func giveBackContext() {
        ThreadContexts.giveBack(identity.pointee.spanID, forget: isLarge)
    }
}
