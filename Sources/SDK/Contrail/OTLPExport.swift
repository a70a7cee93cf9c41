// SPDX-License-Identifier: Apache-2.0

import OTLPGRPCExporter
import OTLPHTTPExporter
import TelemetryConfiguration
import TelemetrySDK

/// OTLP exporters, made from settings.
enum OTLPExport {
    static func exporter(_ settings: ResolvedSettings.OTLP) throws -> any SpanExporter {
        let configuration = OTLPExporterConfiguration(settings)
        return switch settings.transport {
        case .grpc: try OTLPGRPCSpanExporter(configuration)
        case .httpProtobuf: try OTLPHTTPSpanExporter(configuration, encoding: .protobuf)
        case .httpJSON: try OTLPHTTPSpanExporter(configuration, encoding: .json)
        }
    }
}

extension OTLPExporterConfiguration {
    /// What was decided, as the exporters take it.
    fileprivate init(_ settings: ResolvedSettings.OTLP) {
        self.init(
            endpoint: settings.endpoint.url, headers: settings.headers.map { ($0.name, $0.value) },
            timeout: settings.timeout, compression: settings.compression, tls: settings.tls,
            headersFrom: settings.headerProvider)
    }
}
