// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import BackendServer
import NIOCore
import NIOHTTP1
import OTLPReceiver
import OTLPWire

/// What came back over HTTP.
struct HTTPAnswer {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]

    var contentType: String? { headers.first(name: "content-type") }

    private var isJSON: Bool { contentType == "application/json" }

    func response() throws -> ExportTraceServiceResponse {
        try isJSON
            ? OTLPJSON.decode(ExportTraceServiceResponse.self, from: body)
            : OTLPProtobuf.decode(ExportTraceServiceResponse.self, from: body)
    }

    func rpcStatus() throws -> RPCStatus {
        try isJSON
            ? OTLPJSON.decode(RPCStatus.self, from: body) : OTLPProtobuf.decode(RPCStatus.self, from: body)
    }
}

extension RunningBackend {
    /// Asks the OTLP/HTTP port, or another.
    func ask(
        _ method: HTTPMethod = .POST, _ path: String = "/v1/traces", at door: BackendPort = .http,
        headers: HTTPHeaders = [:], body: HTTPClientRequest.Body? = nil
    ) async throws -> HTTPAnswer {
        var request = HTTPClientRequest(url: url(door, path))
        request.method = method
        request.headers = headers
        request.body = body
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await answer.body.collect(upTo: 4 << 20)
        return HTTPAnswer(
            status: Int(answer.status.code), headers: answer.headers, body: Array(bytes.readableBytesView))
    }

    func export(
        _ request: ExportTraceServiceRequest, as encoding: OTLPEncoding = .protobuf
    ) async throws -> HTTPAnswer {
        let bytes =
            switch encoding {
            case .protobuf: OTLPProtobuf.encode(request)
            case .json: OTLPJSON.encode(request)
            }
        return try await ask(headers: ["content-type": encoding.mediaType], body: .bytes(bytes))
    }
}
