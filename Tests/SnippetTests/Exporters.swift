// SPDX-License-Identifier: Apache-2.0

import Contrail
import OTLPFileExporter
import OTLPGRPCExporter
import OTLPHTTPExporter
import TelemetrySDK
import ZipkinExporter

/// Compiled only: nobody listens there.
private func overHTTP(key: String) throws -> TracerProvider {
    let exporter = try OTLPHTTPSpanExporter(
        .init(
            endpoint: "https://otlp.example.com/v1/traces", headers: [("api-key", key)], timeout: .seconds(5))
    )
    let provider = TracerProvider(processors: [BatchSpanProcessor(exporter: exporter)])
    return provider
}

/// Compiled only: nobody listens there.
private func overGRPC(key: String) throws -> TracerProvider {
    let exporter = try OTLPGRPCSpanExporter(
        .init(endpoint: "https://otlp.example.com:4317", headers: [("api-key", key)], timeout: .seconds(5)))
    let provider = TracerProvider(processors: [BatchSpanProcessor(exporter: exporter)])
    return provider
}

/// Compiled only.
private func intoAFile() -> TracerProvider {
    let exporter = OTLPFileSpanExporter(.file("spans.jsonl", bytesMax: 100_000_000, filesMax: 5))
    let provider = TracerProvider(processors: [BatchSpanProcessor(exporter: exporter)])
    return provider
}

/// Compiled only: nobody listens there.
private func toZipkin() throws -> TracerProvider {
    let exporter = try ZipkinSpanExporter(endpoint: "http://zipkin:9411/api/v2/spans")
    let provider = TracerProvider(processors: [BatchSpanProcessor(exporter: exporter)])
    return provider
}

/// Compiled only: settings of the pages.
private func settings(_ settings: inout TelemetrySettings) {
    settings.exporters = [.otlpFile("/var/log/items/spans.jsonl")]
    settings.exporters = [.zipkin(to: "http://zipkin:9411/api/v2/spans")]
}
