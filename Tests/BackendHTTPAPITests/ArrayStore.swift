// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryModel
import TelemetryStorage

/// A store that gives what it was told to give and remembers what it was asked.
final class ArrayStore: TraceReader {
    struct Content {
        var services: [String] = []
        var operations: [String: [TelemetryStorage.Operation]] = [:]
        var page = TracePage(traces: [], next: nil)
        var traces: [TraceID: [ResourceSpans]] = [:]
        var keys = AttributeKeyList(keys: [], isComplete: true)
        var values = AttributeValueList(values: [], isComplete: true)
        var failure: StorageError?
    }

    private struct State {
        var content: Content
        var questions: [TraceQuery] = []
        var keyQuestions: [AttributeKeyQuery] = []
        var valueQuestions: [AttributeValueQuery] = []
        var ranges: [Range<Int>] = []
    }

    private let state: Mutex<State>

    init(_ content: Content = Content()) { state = Mutex(State(content: content)) }

    /// The searches so far, oldest first.
    var questions: [TraceQuery] { state.withLock { $0.questions } }

    /// Of the traces that were asked for.
    var ranges: [Range<Int>] { state.withLock { $0.ranges } }
    var keyQuestions: [AttributeKeyQuery] { state.withLock { $0.keyQuestions } }
    var valueQuestions: [AttributeValueQuery] { state.withLock { $0.valueQuestions } }

    private func content() throws(StorageError) -> Content {
        let content = state.withLock { $0.content }
        if let failure = content.failure { throw failure }
        return content
    }

    func services() async throws(StorageError) -> [String] { try content().services }

    func operations(ofService service: String) async throws(StorageError) -> [TelemetryStorage.Operation] {
        try content().operations[service] ?? []
    }

    func attributeKeys(matching query: AttributeKeyQuery) async throws(StorageError) -> AttributeKeyList {
        state.withLock { $0.keyQuestions.append(query) }
        return try content().keys
    }

    func attributeValues(matching query: AttributeValueQuery) async throws(StorageError) -> AttributeValueList
    {
        state.withLock { $0.valueQuestions.append(query) }
        return try content().values
    }

    func traces(matching query: TraceQuery) async throws(StorageError) -> TracePage {
        state.withLock { $0.questions.append(query) }
        return try content().page
    }

    /// As if there were ten times as many.
    func trace(_ id: TraceID, spans: Range<Int>) async throws(StorageError) -> TraceExcerpt? {
        state.withLock { $0.ranges.append(spans) }
        return try content().traces[id].map { trace in
            let count = trace.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
            return TraceExcerpt(
                resourceSpans: trace, spanCount: count * 10, end: min(spans.upperBound, count * 10))
        }
    }
}
