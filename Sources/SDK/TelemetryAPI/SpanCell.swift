// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TelemetryModel

/// The entry of a context: the span that is current there.
///
/// Never changes as long as two know of it, see ``SoleOwner``. One word, so that it sits inline in a context's storage.
final class SpanCell: @unchecked Sendable {
    // Safety: written before anybody else can know of the cell, and again only when nobody else does. Checks of
    // exclusive access would cost as much as what they check. The reference is counted by hand, so that an exchange
    // counts nothing twice.
    @exclusivity(unchecked) private var span: Unmanaged<SpanCore>

    init(_ core: SpanCore) { span = .passRetained(core) }

    deinit { span.release() }

    /// The cell, and so its reference, lives until the span has been counted.
    var core: SpanCore { withExtendedLifetime(self) { span.takeUnretainedValue() } }

    /// Puts `core` in the place of the span that is returned, to be released by the caller. Only by a sole owner.
    @inline(__always)
    func exchange(for core: SpanCore) -> Unmanaged<SpanCore> {
        let last = span
        span = .passRetained(core)
        return last
    }
}

/// Whether a context that a thread keeps is known to it alone, so that its entry may change in place.
///
/// A context is a dictionary, a dictionary a counted reference to its storage: copies of the context are further
/// counts, and dictionaries made from it have its entry, the cell, in common. What is another package's in this is not
/// taken on trust: where a context turns out to be anything else, ``isKnowable()`` is false, and each span gets a new
/// entry.
enum SoleOwner {
    /// Tries it with contexts that are thrown away.
    static func isKnowable() -> Bool {
        typealias Storage = [AnyServiceContextKey: any Sendable]
        let fields = Mirror(reflecting: ServiceContext.topLevel).children
        guard fields.count == 1, fields.first?.value is Storage,
            MemoryLayout<ServiceContext>.size == MemoryLayout<Storage>.size,
            MemoryLayout<Storage>.size == MemoryLayout<AnyObject>.size
        else { return false }
        var context = ServiceContext.topLevel
        context[SpanKey.self] = SpanCell(.carrying(SpanContext.invalid))
        guard isOne(&context) else { return false }
        // In memory of its own, and read from there afterwards, so that it is a copy also for the optimizer.
        let copy = UnsafeMutablePointer<ServiceContext>.allocate(capacity: 1)
        defer { copy.deallocate() }
        keep(context, at: copy)
        let isShared = !isOne(&context)
        return drop(copy) && isShared && isOne(&context)
    }

    @inline(never)
    private static func keep(_ context: ServiceContext, at copy: UnsafeMutablePointer<ServiceContext>) {
        copy.initialize(to: context)
    }

    @inline(never)
    private static func drop(_ copy: UnsafeMutablePointer<ServiceContext>) -> Bool {
        defer { copy.deinitialize(count: 1) }
        return !copy.pointee.isEmpty
    }

    /// Whether nobody else has the context, nor its entry. Only where that is knowable.
    @inline(__always)
    static func isOnly(_ context: inout ServiceContext, _ cell: inout Unmanaged<SpanCell>?) -> Bool {
        isOne(&context) && isOne(&cell)
    }

    /// A class of Swift's own, to ask for the count of whatever object. As `AnyObject` it would be counted for the
    /// question.
    private final class Object {}

    /// Whether the counted reference that `word` is is the only one.
    @inline(__always)
    private static func isOne<Word>(_ word: inout Word) -> Bool {
        withUnsafeMutableBytes(of: &word) { bytes in
            // Safety: the word is a reference to an object that is alive, see above, and of the object nothing but the
            // count is looked at, which all have in the same place.
            guard let object = bytes.baseAddress?.assumingMemoryBound(to: Object.self) else { return false }
            return isKnownUniquelyReferenced(&object.pointee)
        }
    }
}
