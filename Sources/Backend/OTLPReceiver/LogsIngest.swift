// SPDX-License-Identifier: Apache-2.0

package import OTLPWire
package import TelemetryModel
package import TelemetryStorage

/// What happens to a request of logs between the socket and the answer, whatever the transport.
///
/// As ``TraceIngest``, with its limits and out of the same budget: a byte of logs takes as much memory as one
/// of spans.
package struct LogsIngest: Sendable {
    private let writer: any LogWriter
    private let limits: ReceiverLimits
    private let metrics: ReceiverMetrics
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - writer: Where the records go.
    ///   - traces: Whose limits hold, and who counts.
    ///   - now: Nanoseconds since 1970 UTC.
    package init(writer: any LogWriter, beside traces: TraceIngest, now: @escaping @Sendable () -> UInt64) {
        self.writer = writer
        limits = traces.limits
        metrics = traces.metrics
        self.now = now
    }

    /// Reads an `ExportLogsServiceRequest`. No record is refused: the specification requires none of its
    /// fields.
    package func decode(
        _ bytes: borrowing RawSpan, as encoding: OTLPEncoding
    ) throws(Refusal) -> [ResourceLogs] {
        guard bytes.byteCount <= limits.requestBytesMax else {
            throw .tooLarge(limit: limits.requestBytesMax)
        }
        var logs = try OTLPMessages.logsRequest(bytes, as: encoding).resourceLogs
        setMissingTimes(&logs)
        return logs
    }

    /// Returns only after the store holds the records as durably as it promises.
    // OTLP 1.11.0 specification, "Full Success": an empty request succeeds, and partial_success stays unset.
    package func store(_ batch: [ResourceLogs]) async throws(Refusal) -> ExportLogsServiceResponse {
        let count = batch.reduce(0) { $0 + $1.scopeLogs.reduce(0) { $0 + $1.logRecords.count } }
        if count > 0 {
            do throws(StorageError) {
                try await writer.write(batch)
            } catch {
                let refusal = Refusal(error)
                metrics.refused(logRecords: count, because: refusal.reason)
                throw refusal
            }
            metrics.accepted(logRecords: count)
        }
        return ExportLogsServiceResponse()
    }

    /// A record without any time would stand in 1970, where nobody looks.
    // OpenTelemetry specification 1.60, "Field: ObservedTimestamp": "This field SHOULD be set once the event
    // is observed by OpenTelemetry."
    private func setMissingTimes(_ logs: inout [ResourceLogs]) {
        for resource in logs.indices {
            for scope in logs[resource].scopeLogs.indices {
                guard
                    logs[resource].scopeLogs[scope].logRecords.contains(where: {
                        $0.effectiveTimeUnixNano == 0
                    })
                else { continue }
                let time = now()
                for index in logs[resource].scopeLogs[scope].logRecords.indices
                where logs[resource].scopeLogs[scope].logRecords[index].effectiveTimeUnixNano == 0 {
                    logs[resource].scopeLogs[scope].logRecords[index].observedTimeUnixNano = time
                }
            }
        }
    }
}
