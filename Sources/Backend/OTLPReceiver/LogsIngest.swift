// SPDX-License-Identifier: Apache-2.0

package import OTLPWire
package import TelemetryModel
package import TelemetryStorage

/// What happens to a request of logs between the socket and the answer, whatever the transport.
///
/// As ``TraceIngest``, with its limits and out of the same budgets.
package struct LogsIngest: Sendable {
    private let writer: any LogWriter
    private let limits: ReceiverLimits
    private let decodedBudget: RequestBudget
    private let metrics: ReceiverMetrics
    private let now: @Sendable () -> UInt64

    /// - Parameters:
    ///   - writer: Where the records go.
    ///   - traces: Whose limits hold, and who counts.
    ///   - now: Nanoseconds since 1970 UTC.
    package init(writer: any LogWriter, beside traces: TraceIngest, now: @escaping @Sendable () -> UInt64) {
        self.writer = writer
        limits = traces.limits
        decodedBudget = traces.decodedBudget
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
        var logs = try OTLPMessages.logsRequest(bytes, as: encoding, within: decodedBudget).resourceLogs
        setMissingTimes(&logs)
        return logs
    }

    /// Returns only after the store holds the records as durably as it promises.
    // OTLP 1.11.0 specification, "Full Success": an empty request succeeds, and partial_success stays unset.
    package func store(_ batch: [ResourceLogs]) async throws(Refusal) -> ExportLogsServiceResponse {
        let count = batch.reduce(0) { $0 + $1.scopeLogs.reduce(0) { $0 + $1.logRecords.count } }
        if count > 0 {
            do throws(Refusal) {
                // Until it is stored it is held as values, and by the store in its own form.
                var lease = decodedBudget.open()
                try lease.grow(by: DecodedBytes.held(by: batch))
                try await write(batch)
            } catch {
                metrics.refused(logRecords: count, because: error.reason)
                throw error
            }
            metrics.accepted(logRecords: count)
        }
        return ExportLogsServiceResponse()
    }

    private func write(_ batch: [ResourceLogs]) async throws(Refusal) {
        do throws(StorageError) {
            try await writer.write(batch)
        } catch {
            throw Refusal(error)
        }
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
