// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryModel
import TelemetryStorage

/// A store that notes what it is asked, fails on request, and can be held in the middle of a write.
final class TestStore: TelemetryStore {
    private struct State {
        var spanCount = 0
        var events: [String] = []
    }

    private let state = Mutex(State())
    private let error: StorageError?
    /// Opened when a write has begun.
    let writeBegan = Gate()
    /// A write ends only when this is open.
    let mayEnd = Gate()
    /// Opened when somebody asks for traces.
    let questionBegan = Gate()
    /// Opened when a question without an answer is given up.
    let questionEnded = Gate()
    private let neverAnswers: Bool

    init(failing error: StorageError? = nil, held: Bool = false, neverAnswers: Bool = false) {
        self.error = error
        self.neverAnswers = neverAnswers
        if !held { mayEnd.open() }
    }

    var spanCount: Int { state.withLock { $0.spanCount } }

    /// "written" and "closed" by the store, and what tests add.
    var events: [String] { state.withLock { $0.events } }

    func note(_ event: String) { state.withLock { $0.events.append(event) } }

    func write(_ spans: EncodedSpans) async throws(StorageError) {
        writeBegan.open()
        await mayEnd.wait()
        if let error { throw error }
        state.withLock { state in
            state.spanCount += spans.spanCount
            state.events.append("written")
        }
    }

    func close() async { note("closed") }

    func services() async throws(StorageError) -> [String] { [] }
    func operations(ofService service: String) async throws(StorageError) -> [Operation] { [] }
    func attributeKeys(matching query: AttributeKeyQuery) async throws(StorageError) -> AttributeKeyList {
        AttributeKeyList(keys: [], isComplete: true)
    }
    func attributeValues(matching query: AttributeValueQuery) async throws(StorageError) -> AttributeValueList
    {
        AttributeValueList(values: [], isComplete: true)
    }
    func traces(matching query: TraceQuery) async throws(StorageError) -> TracePage {
        questionBegan.open()
        guard neverAnswers else { return TracePage(traces: [], next: nil) }
        await withTaskCancellationHandler {
            await questionEnded.wait()
        } onCancel: {
            questionEnded.open()
        }
        throw .cancelled
    }
    func trace(_ id: TraceID, spans: Range<Int>) async throws(StorageError) -> TraceExcerpt? { nil }
}

/// Closed until it is opened, then open for good.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
