// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TelemetryModel
import Testing

@testable @_spi(TelemetrySDK) import TelemetryAPI

/// What the re-use of contexts rests on, and what of it belongs to other packages.
@Suite("Sole owners of contexts")
struct SoleOwnerTests {
    private struct Kept {
        var context = ServiceContext.topLevel
        var cell: Unmanaged<SpanCell>?

        mutating func isOnly() -> Bool { SoleOwner.isOnly(&context, &cell) }

        @inline(never)
        mutating func fill() {
            let made = SpanCell(.carrying(SpanContext.invalid))
            context[SpanKey.self] = made
            cell = .passUnretained(made)
        }
    }

    private enum OtherKey: ServiceContextKey { typealias Value = Int }

    @Test("a context can be told to have one owner; if not, each span costs an entry more")
    func knowable() { #expect(SoleOwner.isKnowable()) }

    @Test("a copy of a context, a context made from it, and who has taken its entry out are owners")
    func owners() {
        var kept = Kept()
        kept.fill()
        var answers = [kept.isOnly()]
        let copy = kept.context
        withExtendedLifetime(copy) { answers.append(kept.isOnly()) }
        #expect(answers == [true, false])

        kept = Kept()
        kept.fill()
        var derived = kept.context
        derived[OtherKey.self] = 1
        answers = []
        withExtendedLifetime(derived) { answers.append(kept.isOnly()) }
        derived = .topLevel
        answers.append(kept.isOnly())
        let taken = kept.context[SpanKey.self]
        withExtendedLifetime(taken) { answers.append(kept.isOnly()) }
        #expect(answers == [false, true, false])
    }
}
