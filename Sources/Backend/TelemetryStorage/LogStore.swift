// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// A place where logs are kept: one writer's side, one reader's side, and an end.
///
/// Contract (run for every engine by `Tests/Support/StorageContract`):
/// - all methods may be called at once from many tasks;
/// - what ``LogWriter/write(_:)`` has returned for is found by the next question;
/// - after ``close()`` every call throws ``StorageError/closed``; a second `close` does nothing.
package protocol LogStore: LogWriter, LogReader {
    /// How the store is, without reading what it holds: asked every few seconds.
    func status() async throws(StorageError) -> LogStoreStatus

    /// Finishes what is under way and lets go of files. Returns when everything accepted is durable.
    func close() async
}

package protocol LogWriter: Sendable {
    /// Keeps all records or none, each as it was sent. When it returns they are as durable as the engine
    /// promises (a file engine: they survive `kill -9` and are found by the next process). Log records have
    /// no identity: one that is sent twice is there twice.
    func write(_ batch: [ResourceLogs]) async throws(StorageError)
}

package protocol LogReader: Sendable {
    /// The records that meet every condition of `query`, latest first by
    /// ``LogRecord/effectiveTimeUnixNano`` (ties: what was written last comes first), at most `query.limit`,
    /// with a cursor to the rest.
    func logs(matching query: LogQuery) async throws(StorageError) -> LogPage

    /// The latest `limit` records of one trace, grouped by resource and scope, earliest first within each; empty
    /// when there is none. Fewer when they are very large: an answer fits in memory.
    func logs(ofTrace id: TraceID, limit: Int) async throws(StorageError) -> TraceLogExcerpt
}

/// Log records of a trace.
package struct TraceLogExcerpt: Hashable, Sendable {
    /// Records that one answer of the API has at most.
    package static let recordsMax = 50_000

    package var resourceLogs: [ResourceLogs]
    /// False when there are earlier ones.
    package var isComplete: Bool

    package init(resourceLogs: [ResourceLogs], isComplete: Bool) {
        self.resourceLogs = resourceLogs
        self.isComplete = isComplete
    }
}

extension LogReader {
    /// The records of one trace, however many there are, as far as one answer has room.
    package func logs(ofTrace id: TraceID) async throws(StorageError) -> [ResourceLogs] {
        try await logs(ofTrace: id, limit: .max - 1).resourceLogs
    }
}

/// A record with what it was sent in.
package struct StoredLog: Hashable, Sendable {
    package var resource: Resource
    package var scope: InstrumentationScope
    package var record: LogRecord

    package init(resource: Resource, scope: InstrumentationScope, record: LogRecord) {
        self.resource = resource
        self.scope = scope
        self.record = record
    }
}

/// A page of a search result.
package struct LogPage: Hashable, Sendable {
    package var logs: [StoredLog]
    /// For ``LogQuery/cursor``; nil when this was the last page. Opaque, safe in a URL.
    package var next: String?

    package init(logs: [StoredLog], next: String?) {
        self.logs = logs
        self.next = next
    }
}
