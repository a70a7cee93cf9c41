// SPDX-License-Identifier: Apache-2.0

package import OTLPWire
package import TelemetryStorage

/// What happens to a request of traces between the socket and the answer, whatever the transport.
///
/// Two steps, because bytes can be borrowed only as long as nothing waits: ``decode(_:as:)``, then
/// ``store(_:)``.
package struct TraceIngest: Sendable {
    private let writer: any SpanWriter
    package let limits: ReceiverLimits
    package let budget: RequestBudget
    /// Of what requests take as values.
    let decodedBudget: RequestBudget
    package let metrics: ReceiverMetrics

    package init(
        writer: any SpanWriter, limits: ReceiverLimits = ReceiverLimits(),
        metrics: ReceiverMetrics = ReceiverMetrics()
    ) {
        self.writer = writer
        self.metrics = metrics
        self.limits = limits
        budget = RequestBudget(bytesMax: limits.requestBytesInFlightMax)
        decodedBudget = RequestBudget(bytesMax: limits.decodedBytesInFlightMax)
    }

    /// Reads an `ExportTraceServiceRequest` and sets aside the spans that cannot be stored.
    package func decode(_ bytes: borrowing RawSpan, as encoding: OTLPEncoding) throws(Refusal)
        -> ScreenedSpans
    {
        guard bytes.byteCount <= limits.requestBytesMax else {
            throw .tooLarge(limit: limits.requestBytesMax)
        }
        // Not made into values: the store reads the bytes itself.
        if encoding == .protobuf, let spans = ScreenedSpans(plain: bytes) { return spans }
        return ScreenedSpans(
            try OTLPMessages.traceRequest(bytes, as: encoding, within: decodedBudget).resourceSpans)
    }

    /// Stores what can be stored; the answer says what could not. Returns only after the store holds the
    /// spans as durably as it promises: nothing is acknowledged before.
    // OTLP 1.11.0 specification, "Full Success": an empty request succeeds, and partial_success stays unset.
    // "Partial Success": rejected_spans says how many were not accepted; the client does not send them again.
    package func store(_ spans: ScreenedSpans) async throws(Refusal) -> ExportTraceServiceResponse {
        if !spans.isEmpty {
            do throws(StorageError) {
                try await writer.write(spans.spans)
            } catch {
                let refusal = Refusal(error)
                metrics.refused(spans.count + spans.rejectedCount, because: refusal.reason)
                throw refusal
            }
        }
        metrics.accepted(
            spans.count, withoutTraceID: spans.withoutTraceID, withoutSpanID: spans.withoutSpanID)
        return OTLPMessages.traceResponse(rejected: spans.rejectedCount, message: spans.rejection)
    }
}
