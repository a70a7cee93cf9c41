// SPDX-License-Identifier: Apache-2.0

import ExportCompression
import ExportHTTP
import ExportSecurity
import NIOCore
import NIOHTTP1
import OTLPWire
package import TelemetrySDK

/// OTLP/HTTP: one POST for each request. Source: OTLP 1.11.0, "OTLP/HTTP".
package struct HTTPTransport: OTLPTransport {
    /// The bytes of a request, compressed or not.
    package struct Body: Sendable {
        fileprivate let bytes: ByteBuffer
        fileprivate let isCompressed: Bool
    }

    package static let headerRules = ExportHeaderRules.http

    private let compression: OTLPCompression
    private let encoding: OTLPEncoding
    private let poster: HTTPPoster

    init(
        to endpoint: EndpointURL, _ configuration: OTLPExporterConfiguration, encoding: OTLPEncoding
    ) throws(InvalidEndpoint) {
        compression = configuration.compression
        self.encoding = encoding
        poster = HTTPPoster(
            to: configuration.endpoint,
            tls: endpoint.scheme == .https ? try LoadedTLS(configuration.tls).configuration : nil)
    }

    package func body(_ message: consuming [UInt8]) -> Body {
        switch compression {
        // zlib without memory: the receiver takes a request that is not compressed, too.
        case .gzip:
            if let bytes = Gzip.compress(message) { return Body(bytes: bytes, isCompressed: true) }
            return Body(bytes: ByteBuffer(bytes: message), isCompressed: false)
        case .none: return Body(bytes: ByteBuffer(bytes: message), isCompressed: false)
        }
    }

    package func attempt(
        _ body: Body, headers: [(String, String)], timeLeft: Duration?
    ) async -> OTLPAttempt {
        switch await poster.post(body.bytes, headers: fields(body, headers), timeLeft: timeLeft) {
        case .answered(let answer): attempt(answer)
        case .failed(let failure): .failed(failure)
        }
    }

    package func shutdown() async { await poster.shutdown() }

    private var contentType: String {
        switch encoding {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    private func fields(_ body: Body, _ headers: [(String, String)]) -> HTTPHeaders {
        var fields = HTTPHeaders(headers)
        fields.replaceOrAdd(name: "User-Agent", value: ExporterIdentity.userAgent(with: headers))
        fields.add(name: "Content-Type", value: contentType)
        if body.isCompressed { fields.add(name: "Content-Encoding", value: "gzip") }
        return fields
    }

    private func attempt(_ answer: HTTPAnswer) -> OTLPAttempt {
        let bytes = answer.body.map { Array($0.readableBytesView) } ?? []
        guard !answer.isTaken else {
            return answer.body == nil ? .answeredInPart("it was cut off") : .answered(bytes)
        }
        let said = said(in: bytes, contentType: answer.headers.first(name: "Content-Type"))
        return .failed(answer.failure(saying: said?.message ?? ""))
    }

    // OTLP 1.11.0, "Failures": "The response body for all HTTP 4xx and HTTP 5xx responses MUST be a
    // Protobuf-encoded Status message", in the encoding of the request. What stands between, a proxy, may
    // answer as it likes.
    private func said(in bytes: [UInt8], contentType: String?) -> RPCStatus? {
        let isJSON = contentType.map { $0.lowercased().hasPrefix("application/json") } ?? (encoding == .json)
        return isJSON
            ? try? OTLPJSON.decode(RPCStatus.self, from: bytes, limits: .response)
            : try? OTLPProtobuf.decode(RPCStatus.self, from: bytes, limits: .response)
    }
}
