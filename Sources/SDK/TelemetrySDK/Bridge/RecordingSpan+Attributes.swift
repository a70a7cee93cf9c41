// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel
import Tracing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// swift-distributed-tracing hands out attributes as a dictionary to be changed in place. It is kept as such, lent to
// one thread at a time, and becomes fields when the span ends.
extension SpanState {
    /// Where the dictionary is, initialised when ``hasBridged``.
    @inline(__always)
    static func bridged(_ state: UnsafeMutablePointer<SpanState>) -> UnsafeMutablePointer<SpanAttributes> {
        // The layout is another package's. A constant: nothing is left of it when it holds.
        precondition(
            MemoryLayout<SpanAttributes>.size <= MemoryLayout<UInt>.size
                && MemoryLayout<SpanAttributes>.alignment <= MemoryLayout<UInt>.alignment)
        // Safety: the word is as large as SpanAttributes, see above.
        return withUnsafeMutablePointer(to: &state.pointee.bridgedWord) { UnsafeMutableRawPointer($0) }
            .assumingMemoryBound(to: SpanAttributes.self)
    }

    /// Where the context is that the span started in, initialised when ``hasServiceContext``.
    @inline(__always)
    static func serviceContext(_ state: UnsafeMutablePointer<SpanState>) -> UnsafeMutablePointer<
        ServiceContext
    > {
        precondition(
            MemoryLayout<ServiceContext>.size <= MemoryLayout<UInt>.size
                && MemoryLayout<ServiceContext>.alignment <= MemoryLayout<UInt>.alignment)
        // Safety: the word is as large as ServiceContext, see above.
        return withUnsafeMutablePointer(to: &state.pointee.serviceContextWord) { UnsafeMutableRawPointer($0) }
            .assumingMemoryBound(to: ServiceContext.self)
    }
}

extension RecordingSpan {
    /// Room for this many without growing: growing copies (420 ns for the first five).
    private static let capacityAtFirst = 6

    @inline(__always)
    private var bridged: UnsafeMutablePointer<SpanAttributes> { SpanState.bridged(state) }

    /// Takes the lock when nobody has borrowed the dictionary; false, without the lock, when this thread has.
    @inline(__always)
    private func lockUnlent() -> Bool {
        let state = self.state
        while true {
            ctr_lock(&state.pointee.lock)
            guard state.pointee.isLent else { return true }
            let thread = state.pointee.lentTo
            ctr_unlock(&state.pointee.lock)
            if thread == ctr_thread_number() { return false }
            sched_yield()
        }
    }

    /// The dictionary in place, or a copy when it is full or already lent to this very thread (by an attribute's
    /// own conversion that sets attributes). Give it back.
    func borrowAttributes() -> UnsafeMutablePointer<SpanAttributes> {
        let state = self.state
        guard lockUnlent() else { return .newAttributes() }
        defer { ctr_unlock(&state.pointee.lock) }
        guard state.pointee.isOpen else { return .newAttributes() }
        if !state.pointee.hasBridged { beginBridging() }
        if bridged.pointee.count >= Int(state.pointee.tracer.pointee.attributeCountMax) {
            return .newAttributes(bridged.pointee)
        }
        state.pointee.isLent = true
        state.pointee.lentTo = ctr_thread_number()
        return bridged
    }

    func giveBackAttributes(_ borrowed: UnsafeMutablePointer<SpanAttributes>) {
        let state = self.state
        if borrowed == bridged {
            ctr_lock(&state.pointee.lock)
            state.pointee.isLent = false
            ctr_unlock(&state.pointee.lock)
            return
        }
        let changed = borrowed.move()
        borrowed.deallocate()
        replaceAttributes(changed)
    }

    /// With the lock held: what was set through the other API moves into the dictionary, where it can be seen.
    private func beginBridging() {
        let state = self.state
        var attributes = SpanAttributes([:])
        attributes.reserveCapacity(Self.capacityAtFirst)
        bridged.initialize(to: attributes)
        state.pointee.hasBridged = true
        if state.pointee.attributeCount > 0 {
            state.pointee.moveAttributes { bridged.pointee.set($0, value: $1) }
        }
    }

    var bridgedAttributes: SpanAttributes {
        get {
            let state = self.state
            guard lockUnlent() else { return [:] }
            defer { ctr_unlock(&state.pointee.lock) }
            guard state.pointee.isOpen else { return [:] }
            if !state.pointee.hasBridged {
                guard state.pointee.attributeCount > 0 else { return [:] }
                beginBridging()
            }
            return bridged.pointee
        }
        set { replaceAttributes(newValue) }
    }

    /// `key` is about to be set through the other API. With the lock held, on return too.
    @inline(never)
    func forgetBridged(_ key: UnsafeBufferPointer<UInt8>) {
        ctr_unlock(&state.pointee.lock)
        guard lockUnlent() else { return ctr_lock(&state.pointee.lock) }
        if state.pointee.hasBridged, state.pointee.isOpen {
            bridged.pointee.set(String(decoding: key, as: UTF8.self), value: nil)
        }
    }

    private func replaceAttributes(_ new: SpanAttributes) {
        let state = self.state
        guard lockUnlent() else { return }
        defer { ctr_unlock(&state.pointee.lock) }
        guard state.pointee.isOpen else { return }
        if !state.pointee.hasBridged { beginBridging() }
        let limit = Int(state.pointee.tracer.pointee.attributeCountMax)
        guard new.count > limit else {
            bridged.pointee = new
            return
        }
        // The known keys stay, new ones as far as there is room.
        let known = bridged.pointee
        var kept = SpanAttributes([:])
        new.forEach { key, value in
            if known.get(key) != nil { kept.set(key, value: value) }
        }
        var dropped: UInt32 = 0
        new.forEach { key, value in
            guard known.get(key) == nil else { return }
            if kept.count < limit { kept.set(key, value: value) } else { dropped += 1 }
        }
        bridged.pointee = kept
        state.pointee.droppedAttributes += dropped
    }

    /// Makes fields of the dictionary. Values that have to be asked for their text are given back: that is other
    /// people's code, not to be run with the lock held. Called with the lock held.
    func sinkBridgedAttributes() -> [(String, SpanAttribute)] {
        let state = self.state
        let attributes = bridged.move()
        state.pointee.hasBridged = false
        var left: [(String, SpanAttribute)] = []
        attributes.forEach { key, value in
            switch value {
            case .stringConvertible, .stringConvertibleArray: left.append((key, value))
            default: state.pointee.put(key, AttributeValue(value))
            }
        }
        return left
    }

    /// Waits until the dictionary is not lent to another thread, with the lock held on return.
    func lockForEnd() {
        if !lockUnlent() { ctr_lock(&state.pointee.lock) }
    }
}

extension UnsafeMutablePointer<SpanAttributes> {
    static func newAttributes(_ attributes: SpanAttributes = SpanAttributes([:])) -> Self {
        let memory = allocate(capacity: 1)
        memory.initialize(to: attributes)
        return memory
    }
}
