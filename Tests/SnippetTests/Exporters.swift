// SPDX-License-Identifier: Apache-2.0

import OTLPGRPCExporter
import OTLPHTTPExporter
import TelemetrySDK

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
