// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ExportSecurity
import ExportTasks
import NIOCore
import NIOHTTP1
import NIOPosix
import OTLPWire
package import TelemetrySDK

/// OTLP/HTTP: one POST for each request. Source: OTLP 1.11.0, "OTLP/HTTP".
package struct HTTPTransport: OTLPTransport {
    /// The bytes of a request, compressed or not.
    package struct Body: Sendable {
        fileprivate let bytes: ByteBuffer
        fileprivate let isCompressed: Bool
    }

    private let url: String
    private let compression: OTLPCompression
    private let encoding: OTLPEncoding
    private let client: HTTPClient
    /// One event loop for connections and requests.
    private let tasks = EventLoopTasks(MultiThreadedEventLoopGroup.singleton.next())

    init(
        to endpoint: EndpointURL, _ configuration: OTLPExporterConfiguration, encoding: OTLPEncoding
    ) throws(InvalidEndpoint) {
        url = configuration.endpoint
        compression = configuration.compression
        self.encoding = encoding
        var clientConfiguration = Self.clientConfiguration
        if endpoint.scheme == .https {
            clientConfiguration.tlsConfiguration = try LoadedTLS(configuration.tls).configuration
        }
        client = HTTPClient(
            eventLoopGroup: tasks.eventLoop, configuration: clientConfiguration)
    }

    private static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // A redirect would send the headers, and so the authorization, to somebody else.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // Failed connections come back to us at once: how often and when to try again is RetryState's
        // decision.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A span for each export would make more exports.
        configuration.tracing.tracer = nil
        return configuration
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
        await withTaskExecutorPreference(tasks) {
            await attemptOnEventLoop(body, headers: headers, timeLeft: timeLeft)
        }
    }

    private func attemptOnEventLoop(
        _ body: Body, headers: [(String, String)], timeLeft: Duration?
    ) async -> OTLPAttempt {
        do {
            let deadline = timeLeft.map { NIODeadline.now() + TimeAmount($0) } ?? .distantFuture
            let response = try await client.execute(request(body, headers), deadline: deadline)
            return try await attempt(
                status: response.status, headers: response.headers,
                answer: Self.answer(response.body, before: deadline))
        } catch is NIOTooManyBytesError {
            return .failed(
                .init(
                    .badResponse, "the response is longer than \(ExporterIdentity.responseBytesMax) bytes"))
        } catch let failure as HTTPParserError where failure != .invalidEOFState {
            // Another protocol's port, most likely: asking again would not change that.
            return .failed(.init(.badResponse, "the receiver speaks no HTTP: \(failure)"))
        } catch let failure as HTTPClientError where failure == .deadlineExceeded || failure == .readTimeout {
            return .failed(.init(.timeout, "no response in time", isRetryable: true))
        } catch {
            // OTLP 1.11.0, "All Other Responses": "If the server disconnects without returning a response,
            // the client SHOULD retry". The same for a connection that did not come about.
            return .failed(
                .init(.unreachable, "no connection, or it was lost: \(error)", isRetryable: true))
        }
    }

    package func shutdown() async {
        // Fails only when it was shut down before.
        try? await client.shutdown()
    }

    private var contentType: String {
        switch encoding {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    private func request(_ body: Body, _ headers: [(String, String)]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if !request.headers.contains(name: "User-Agent") {
            request.headers.add(name: "User-Agent", value: ExporterIdentity.userAgent)
        }
        request.headers.replaceOrAdd(name: "Content-Type", value: contentType)
        // What a configured header says of the body cannot be true but by chance.
        request.headers.remove(name: "Content-Encoding")
        if body.isCompressed { request.headers.add(name: "Content-Encoding", value: "gzip") }
        request.body = .bytes(body.bytes)
        return request
    }

    /// What follows the head of a response; nil when it was cut off or did not come in time. The client heeds its
    /// deadline no longer than until the head is there.
    private static func answer(
        _ body: HTTPClientResponse.Body, before deadline: NIODeadline
    ) async throws -> ByteBuffer? {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                do {
                    return try await body.collect(upTo: ExporterIdentity.responseBytesMax)
                } catch let error as NIOTooManyBytesError {
                    throw error
                } catch {
                    return nil
                }
            }
            if deadline != .distantFuture {
                group.addTask {
                    try? await Task.sleep(for: .nanoseconds((deadline - .now()).nanoseconds))
                    return nil
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func attempt(
        status: HTTPResponseStatus, headers: HTTPHeaders, answer: ByteBuffer?
    ) -> OTLPAttempt {
        ExportObservation.note(.http(Int(status.code)))
        let bytes = answer.map { Array($0.readableBytesView) } ?? []
        // The status has been said, so it counts: spans that were taken are not to be sent twice.
        guard !(200..<300).contains(status.code) else {
            return answer == nil ? .answeredInPart("it was cut off") : .answered(bytes)
        }
        let said = said(in: bytes, contentType: headers.first(name: "Content-Type"))?.message ?? ""
        // OTLP 1.11.0, "Retryable Response Codes": 429, 502, 503, 504; "All other 4xx or 5xx response status
        // codes MUST NOT be retried".
        let isRetryable = [429, 502, 503, 504].contains(status.code)
        let retryAfter = headers.first(name: "Retry-After").flatMap {
            RetryAfter.delay($0, unixSeconds: Int64(SystemTelemetryClock().unixNano / 1_000_000_000))
        }
        return .failed(
            .init(
                status == .payloadTooLarge ? .tooLarge : .refused,
                said.isEmpty ? "HTTP \(status.code)" : "HTTP \(status.code): \(said)",
                isRetryable: isRetryable, serverDelay: retryAfter,
                isUnauthenticated: status == .unauthorized))
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
