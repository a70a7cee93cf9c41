// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What of the store could not be read: said once, and not tried again.
final class DamageReport: Sendable {
    /// Told in words, on any thread.
    typealias Listener = @Sendable (String) -> Void

    /// Different damages that are said; further ones are left out of answers all the same.
    private static let notesMax = 1_000

    private struct State {
        var blocks: Set<Int64> = []
        var journalRows: Set<Int64> = []
        var notes: Set<String> = []
        /// Everything that was said, oldest first; the first ``notesMax``.
        var said: [String] = []
    }

    private let state = Mutex(State())
    private let listener: Listener

    /// "log " for blocks and journal of logs.
    private let kind: String

    init(of kind: String = "", _ listener: @escaping Listener) {
        self.kind = kind
        self.listener = listener
    }

    func isSetAside(_ block: Int64) -> Bool { state.withLock { $0.blocks.contains(block) } }

    /// How many blocks and rows of the journal are set aside, and everything that was said.
    var summary: (partCount: Int, said: [String]) {
        state.withLock { ($0.blocks.count + $0.journalRows.count, $0.said) }
    }

    func setAside(_ block: Int64, because what: String) {
        let isNew = state.withLock { $0.blocks.insert(block).inserted }
        if isNew { say("\(kind)block \(block) is set aside: \(what)") }
    }

    func setAside(journalRow row: Int64, because what: String) {
        let isNew = state.withLock { $0.journalRows.insert(row).inserted }
        if isNew { say("\(kind)journal, row \(row): \(what)") }
    }

    func note(_ damage: String) {
        let isNew = state.withLock { state in
            state.notes.count < Self.notesMax && state.notes.insert(damage).inserted
        }
        if isNew { say(damage) }
    }

    private func say(_ damage: String) {
        state.withLock { if $0.said.count < Self.notesMax { $0.said.append(damage) } }
        listener(damage)
    }
}
