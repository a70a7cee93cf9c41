// SPDX-License-Identifier: Apache-2.0

import OTLPWire
package import TelemetryModel
package import TelemetryStorage

extension EncodedSpans {
    /// Spans as they would have come over the wire.
    package init(_ batch: [ResourceSpans]) {
        self.init(
            scanned: OTLPProtobuf.encode(ExportTraceServiceRequest(resourceSpans: batch)),
            spanCount: batch.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } })
    }
}

extension SpanWriter {
    /// Writes values, as tests have them.
    package func write(_ batch: [ResourceSpans]) async throws(StorageError) {
        try await write(EncodedSpans(batch))
    }
}
