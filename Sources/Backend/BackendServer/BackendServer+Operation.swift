// SPDX-License-Identifier: Apache-2.0

internal import BackendHTTPAPI
internal import Logging
internal import OTLPReceiver
internal import TelemetryStorage

extension BackendServer {
    /// What those are told who watch the server.
    static func operation(
        _ metrics: ServerMetrics, _ ingest: TraceIngest, _ readiness: Readiness, _ store: any TelemetryStore,
        _ logs: any LogStore, _ retention: RetentionKeeper
    ) -> BackendOperation {
        let status: @Sendable () async throws(StorageError) -> StoreStatus = { () throws(StorageError) in
            var status = try await store.status()
            status.add(try await logs.status())
            return status
        }
        return BackendOperation(
            obstacle: { await readiness.obstacle() },
            status: { () throws(StorageError) in
                var status = try await status()
                let deleted = retention.counts
                status.deletedSpanCount = Int(clamping: deleted.deleted(.spans))
                status.deletedLogRecordCount = Int(clamping: deleted.deleted(.logRecords))
                return status
            },
            metrics: {
                let moment = ServerMetrics.Moment(
                    bytesInFlight: ingest.budget.inUse, bytesInFlightMax: ingest.budget.bytesMax,
                    isReady: await readiness.obstacle() == nil, store: try? await status(),
                    process: .now(), deleted: retention.counts)
                return Array(metrics.text(moment).utf8)
            },
            observe: { metrics.queries.observe($1, $0) })
    }

    /// Over those of the stores that can delete.
    static func retention(
        _ limits: RetentionLimits, _ store: any TelemetryStore, _ logs: any LogStore, _ logger: Logger
    ) -> RetentionKeeper {
        var kept: [RetentionKeeper.Kept] = []
        if let store = store as? any PortionedStore { kept.append(.init(what: .spans, store: store)) }
        if let logs = logs as? any PortionedStore { kept.append(.init(what: .logRecords, store: logs)) }
        return RetentionKeeper(
            limits, of: kept, diskFreeBytes: { (try? await store.status())?.diskFreeBytes },
            now: { WallClock.now() }, logger: logger)
    }
}
