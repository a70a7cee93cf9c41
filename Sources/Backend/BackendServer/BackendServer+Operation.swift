// SPDX-License-Identifier: Apache-2.0

internal import BackendHTTPAPI
internal import OTLPReceiver
internal import TelemetryStorage

extension BackendServer {
    /// What those are told who watch the server.
    static func operation(
        _ metrics: ServerMetrics, _ ingest: TraceIngest, _ readiness: Readiness, _ store: any TelemetryStore
    ) -> BackendOperation {
        BackendOperation(
            obstacle: { await readiness.obstacle() },
            status: { () throws(StorageError) in try await store.status() },
            metrics: {
                let moment = ServerMetrics.Moment(
                    bytesInFlight: ingest.budget.inUse, bytesInFlightMax: ingest.budget.bytesMax,
                    isReady: await readiness.obstacle() == nil, store: try? await store.status(),
                    process: .now())
                return Array(metrics.text(moment).utf8)
            },
            observe: { metrics.queries.observe($1, $0) })
    }
}
