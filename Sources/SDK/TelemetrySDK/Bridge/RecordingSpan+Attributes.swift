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

    // MARK: Lending

    /// Rounds of waiting for a dictionary that is lent: enough for whoever has it to set an attribute, even when its
    /// thread is not running just then (some milliseconds in all).
    private static let roundsMax: UInt32 = 128

    /// Takes the lock; false when the dictionary is lent, and waiting for it would be in vain.
    @inline(__always)
    private func lockUnlent() -> Bool {
        let state = self.state
        ctr_lock(&state.pointee.lock)
        return !state.pointee.isLent || waitForLender()
    }

    /// Waits a moment until the dictionary is not lent any more; false when it still is. With the lock held, on
    /// return too.
    ///
    /// Not for ever: who has the dictionary may be a task that was suspended while changing it (`await
    /// f(&attributes)`), or the caller himself, further up in his own stack.
    @inline(never)
    func waitForLender() -> Bool {
        let state = self.state
        for round in 0..<Self.roundsMax {
            guard state.pointee.isLent else { return true }
            guard state.pointee.lentTo != ctr_thread_number() else { return false }
            ctr_unlock(&state.pointee.lock)
            ctr_back_off(round)
            ctr_lock(&state.pointee.lock)
        }
        return !state.pointee.isLent
    }

    /// The dictionary in place, or an empty one while it is lent: what is set there is added when it comes back.
    func borrowAttributes() -> UnsafeMutablePointer<SpanAttributes> {
        let state = self.state
        let isHere = lockUnlent()
        defer { ctr_unlock(&state.pointee.lock) }
        guard isHere, state.pointee.isOpen else { return .newAttributes() }
        if !state.pointee.hasBridged { beginBridging() }
        if bridged.pointee.count >= Int(state.pointee.tracer.pointee.attributeCountMax) {
            state.pointee.noteWhileLent { $0.keysBefore = bridged.pointee }
        }
        state.pointee.isLent = true
        state.pointee.lentTo = ctr_thread_number()
        return bridged
    }

    func giveBackAttributes(_ borrowed: UnsafeMutablePointer<SpanAttributes>) {
        let state = self.state
        guard borrowed == bridged else {
            addAttributes(borrowed.move())
            return borrowed.deallocate()
        }
        ctr_lock(&state.pointee.lock)
        state.pointee.isLent = false
        if state.pointee.whileLent != nil { catchUp() }
        guard state.pointee.phase == .awaitingLender else { return ctr_unlock(&state.pointee.lock) }
        state.pointee.phase = .recording
        conclude(state.pointee.endUnixNano)
        handOn(state, state.pointee.tracer.provider)
    }

    /// Does what was to be done while the dictionary was lent. With the lock held.
    private func catchUp() {
        guard let missed = state.pointee.takeWhileLent() else { return }
        if let before = missed.keysBefore { removeNewKeys(before) }
        if missed.replacesAll { bridged.pointee = [:] }
        for key in missed.removed { bridged.pointee.set(key, value: nil) }
        merge(missed.added)
    }

    // MARK: The whole

    /// With the lock held: what was set through the other API moves into the dictionary, where it can be seen.
    private func beginBridging() {
        let state = self.state
        var attributes = SpanAttributes([:])
        attributes.reserveCapacity(Self.capacityAtFirst)
        bridged.initialize(to: attributes)
        state.pointee.hasBridged = true
        state.pointee.ownsMore = true
        if state.pointee.attributeCount > 0 {
            state.pointee.moveAttributes { bridged.pointee.set($0, value: $1) }
        }
    }

    /// While somebody has the dictionary, only what was set since.
    var bridgedAttributes: SpanAttributes {
        get {
            let state = self.state
            let isHere = lockUnlent()
            defer { ctr_unlock(&state.pointee.lock) }
            guard state.pointee.isOpen else { return [:] }
            guard isHere else { return state.pointee.whileLent?.pointee.added ?? [:] }
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
    func forgetBridged(_ key: UnsafeRawBufferPointer) {
        let isHere = !state.pointee.isLent || waitForLender()
        guard state.pointee.hasBridged, state.pointee.isOpen else { return }
        let key = String(decoding: key, as: UTF8.self)
        guard isHere else { return state.pointee.noteWhileLent { $0.remove(key) } }
        bridged.pointee.set(key, value: nil)
    }

    private func addAttributes(_ added: SpanAttributes) {
        let state = self.state
        let isHere = lockUnlent()
        defer { ctr_unlock(&state.pointee.lock) }
        guard state.pointee.isOpen, !added.isEmpty else { return }
        guard isHere else { return state.pointee.noteWhileLent { $0.added.merge(added) } }
        if !state.pointee.hasBridged { beginBridging() }
        merge(added)
    }

    /// With the lock held. The known keys stay, new ones as far as there is room.
    private func merge(_ added: SpanAttributes) {
        let limit = Int(state.pointee.tracer.pointee.attributeCountMax)
        added.forEach { key, value in
            if bridged.pointee.count < limit || bridged.pointee.get(key) != nil {
                bridged.pointee.set(key, value: value)
            } else {
                state.pointee.drop(.attributes)
            }
        }
    }

    /// With the lock held: takes out what is not among `before`, as far as there is no room for it.
    private func removeNewKeys(_ before: SpanAttributes) {
        let limit = Int(state.pointee.tracer.pointee.attributeCountMax)
        guard bridged.pointee.count > limit else { return }
        let all = bridged.pointee
        all.forEach { key, _ in
            guard bridged.pointee.count > limit, before.get(key) == nil else { return }
            bridged.pointee.set(key, value: nil)
            state.pointee.drop(.attributes)
        }
    }

    private func replaceAttributes(_ new: SpanAttributes) {
        let state = self.state
        let isHere = lockUnlent()
        defer { ctr_unlock(&state.pointee.lock) }
        guard state.pointee.isOpen else { return }
        guard isHere else { return state.pointee.noteWhileLent { $0 = .init(replacingAllWith: new) } }
        if !state.pointee.hasBridged { beginBridging() }
        let before = bridged.pointee
        bridged.pointee = new
        removeNewKeys(before)
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
            default:
                let isDone: Void? = key.utf8.withContiguousStorageIfAvailable {
                    sink(UnsafeRawBufferPointer($0), value)
                }
                if isDone == nil {
                    var key = key
                    key.withUTF8 { sink(UnsafeRawBufferPointer($0), value) }
                }
            }
        }
        return left
    }

    /// With the lock held.
    @inline(never)
    private func sink(_ key: UnsafeRawBufferPointer, _ value: SpanAttribute) {
        let state = self.state
        switch value {
        case .string(let text):
            guard !state.pointee.tracer.pointee.limitsValueLength else { break }
            let isDone: Void? = text.utf8.withContiguousStorageIfAvailable {
                state.pointee.put(key, UnsafeRawBufferPointer($0))
            }
            if isDone != nil { return }
        case .int64(let value): return state.pointee.put(key, ShortValue(value))
        case .double(let value): return state.pointee.put(key, ShortValue(value))
        case .bool(let value): return state.pointee.put(key, ShortValue(value))
        default: break
        }
        state.pointee.put(key, AttributeValue(value).limited(by: state.pointee.tracer.owner.limits))
    }
}

extension UnsafeMutablePointer<SpanAttributes> {
    static func newAttributes(_ attributes: SpanAttributes = SpanAttributes([:])) -> Self {
        let memory = allocate(capacity: 1)
        memory.initialize(to: attributes)
        return memory
    }
}
