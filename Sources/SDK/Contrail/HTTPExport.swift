// SPDX-License-Identifier: Apache-2.0

import OTLPHTTPExporter
import TelemetryConfiguration
import TelemetrySDK

/// OTLP over HTTP, made from settings.
enum HTTPExport {
    static func exporter(_ settings: ResolvedSettings.OTLP) throws -> any SpanExporter {
        try OTLPHTTPSpanExporter(
            OTLPExporterConfiguration(settings),
            encoding: settings.transport == .httpJSON ? .json : .protobuf)
    }
}

extension OTLPExporterConfiguration {
    /// What was decided, as the exporters take it.
    init(_ settings: ResolvedSettings.OTLP) {
        self.init(
            endpoint: settings.endpoint.url, headers: settings.headers.map { ($0.name, $0.value) },
            timeout: settings.timeout, compression: settings.compression, tls: settings.tls,
            headersFrom: settings.headerProvider)
    }
}
