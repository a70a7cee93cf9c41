// SPDX-License-Identifier: Apache-2.0

package import Loopback
import TelemetryModel
package import TelemetrySDK

extension SpanBatch {
    /// One span of this name.
    package static func sample(_ name: String = "GET /items") -> SpanBatch {
        let span = SpanData(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), name: name, startTimeUnixNano: 1,
            endTimeUnixNano: 2)
        return SpanBatch([
            ResourceSpans(
                resource: Resource(attributes: ["service.name": "items"]),
                scopeSpans: [ScopeSpans(scope: .init(name: "test"), spans: [span])])
        ])
    }
}

extension FakeTime {
    package var environment: RetryEnvironment {
        RetryEnvironment(now: { self.now }, sleep: { self.sleep($0) }, random: { 0 })
    }
}

extension ExportResult {
    package var error: ExportError? {
        guard case .failure(let error) = self else { return nil }
        return error
    }

    package var rejected: Int? {
        guard case .success(let rejected, _) = self else { return nil }
        return rejected
    }
}
