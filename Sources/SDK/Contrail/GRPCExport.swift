// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK

#if GRPC
    import OTLPGRPCExporter

    /// OTLP over gRPC, made from settings.
    enum GRPCExport {
        static let isBuilt = true

        static func exporter(_ settings: ResolvedSettings.OTLP) throws -> any SpanExporter {
            try OTLPGRPCSpanExporter(OTLPExporterConfiguration(settings))
        }
    }
#else
    /// A build without the trait GRPC has no OTLP over gRPC; settings never ask for it there.
    enum GRPCExport {
        static let isBuilt = false

        static func exporter(_ settings: ResolvedSettings.OTLP) throws -> any SpanExporter {
            try HTTPExport.exporter(settings)
        }
    }
#endif
