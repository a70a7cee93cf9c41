// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK

/// OTLP over HTTP, made from settings.
enum HTTPExport {
    static func exporter(_ settings: ResolvedSettings.OTLP) throws -> any SpanExporter {
        MissingExporter(endpoint: settings.endpoint.description)
    }
}

/// Stands where an exporter will be: every batch fails and says so.
struct MissingExporter: SpanExporter {
    let endpoint: String

    func export(_ batch: SpanBatch) async -> ExportResult {
        .failure(ExportError(code: .refused, endpoint: endpoint, message: "this exporter is not built yet"))
    }

    func forceFlush() async {}

    func shutdown() async {}
}
