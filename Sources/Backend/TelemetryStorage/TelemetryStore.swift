// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// A place where traces are kept: one writer's side, one reader's side, and an end.
///
/// Contract (run for every engine by `Tests/Support/StorageContract`):
/// - all methods may be called at once from many tasks;
/// - what ``SpanWriter/write(_:)`` has returned for is found by the next question;
/// - after ``close()`` every call throws ``StorageError/closed``; a second `close` does nothing.
package protocol TelemetryStore: SpanWriter, TraceReader {
    /// How the store is, without reading what it holds: asked every few seconds.
    func status() async throws(StorageError) -> StoreStatus

    /// Finishes what is under way and lets go of files. Returns when everything accepted is durable.
    func close() async
}

package protocol SpanWriter: Sendable {
    /// Keeps all spans or none. When it returns they are as durable as the engine promises (a file engine:
    /// they survive `kill -9` and are found by the next process). A span already stored (same trace id,
    /// span id and start time) counts once. Spans have valid ids: the receiver refuses others before.
    func write(_ spans: EncodedSpans) async throws(StorageError)
}

package protocol TraceReader: Sendable {
    /// Names of all services that have spans, sorted. A resource without `service.name` is
    /// ``Resource/unknownServiceName``.
    func services() async throws(StorageError) -> [String]

    /// Distinct span name and kind of one service, sorted by name; empty for an unknown service.
    func operations(ofService service: String) async throws(StorageError) -> [Operation]

    /// The attributes that spans have, with what belongs to them.
    func attributeKeys(matching query: AttributeKeyQuery) async throws(StorageError) -> AttributeKeyList

    /// The values of an attribute, those that came last at least.
    func attributeValues(matching query: AttributeValueQuery) async throws(StorageError) -> AttributeValueList

    /// Summaries of the traces in which at least one single span meets every condition of `query`, latest
    /// trace start first (ties: greater trace id first), at most `query.limit`, with a cursor to the rest.
    func traces(matching query: TraceQuery) async throws(StorageError) -> TracePage

    /// Some of the spans of one trace, counted in the order in which they were stored, grouped by resource and
    /// scope as they were sent, at most ``TraceExcerpt/bytesMax`` of them; nil when nothing is stored of it.
    func trace(_ id: TraceID, spans: Range<Int>) async throws(StorageError) -> TraceExcerpt?
}

/// Spans of a trace, and how many there are.
package struct TraceExcerpt: Hashable, Sendable {
    /// Spans that one answer of the API has at most.
    package static let spansMax = 50_000
    /// Bytes of names and values after which an answer has no further span; it has one at least.
    package static let bytesMax = 64 << 20

    package var resourceSpans: [ResourceSpans]
    /// Of the whole trace.
    package var spanCount: Int
    /// Where to go on: less than was asked for when the spans are large. Spans that cannot be read count as well.
    package var end: Int

    package init(resourceSpans: [ResourceSpans], spanCount: Int, end: Int) {
        self.resourceSpans = resourceSpans
        self.spanCount = spanCount
        self.end = end
    }
}

extension TraceReader {
    /// Everything stored of one trace, however much that is.
    package func trace(_ id: TraceID) async throws(StorageError) -> [ResourceSpans]? {
        guard var excerpt = try await trace(id, spans: 0 ..< .max) else { return nil }
        var all = excerpt.resourceSpans
        while excerpt.end < excerpt.spanCount,
            let next = try await trace(id, spans: excerpt.end ..< .max), next.end > excerpt.end
        {
            all += next.resourceSpans
            excerpt = next
        }
        return all
    }
}
