// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OTLPWire
import TelemetryModel

/// Requests as a stranger makes them.
enum HTTP {
    static func get(_ url: String) async throws -> (status: UInt, body: [UInt8]) {
        try await send(HTTPClientRequest(url: url))
    }

    static func post(
        _ url: String, json: String, headers: [String: String] = [:]
    ) async throws -> (status: UInt, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(string: json))
        return try await send(request)
    }

    /// The spans of one trace with the name of their service, as the backend on `port` has them; nil when it has
    /// none.
    static func spans(of trace: TraceID, port: Int) async throws -> [(service: String, span: SpanData)]? {
        let answer = try await get("http://127.0.0.1:\(port)/api/v1/traces/\(trace.hex)")
        guard answer.status == 200 else { return nil }
        let data = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: answer.body)
        return data.resourceSpans.flatMap { resourceSpans in
            resourceSpans.scopeSpans.flatMap(\.spans).map { (resourceSpans.resource.serviceName ?? "?", $0) }
        }
    }

    private static func send(_ request: HTTPClientRequest) async throws -> (status: UInt, body: [UInt8]) {
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 64 << 20)
        return (response.status.code, Array(body.readableBytesView))
    }
}
