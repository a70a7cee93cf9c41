// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import GRPCCore
import GRPCNIOTransportHTTP2
import GzipFixtures
import NIOCore
import NIOHTTP1
import OTLPReceiver
import OTLPWire
import Synchronization
import TelemetryModel
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("OTLP logs, from the socket to the answer")
struct LogsTests {
    private static let request = ExportLogsServiceRequest(resourceLogs: [
        ResourceLogs(
            resource: Resource(attributes: ["service.name": "shop"]),
            scopeLogs: [
                ScopeLogs(
                    scope: InstrumentationScope(name: "test"),
                    logRecords: [
                        LogRecord(
                            timeUnixNano: 1_700_000_000_000_000_000, severity: .warn, body: "stock is low",
                            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3))
                    ])
            ])
    ])

    private func found(_ backend: RunningBackend, _ query: String = "text=STOCK") async throws -> Bool {
        let answer = try await backend.ask(.GET, "/api/v1/logs?\(query)", at: .ui)
        #expect(answer.status == 200)
        return String(decoding: answer.body, as: UTF8.self).contains("stock is low")
    }

    @Test(
        "over HTTP: stored, answered in the request's encoding, and found at once",
        arguments: OTLPEncoding.allCases, [true, false])
    func http(encoding: OTLPEncoding, isGzip: Bool) async throws {
        try await withBackend { backend in
            let message =
                encoding == .json ? OTLPJSON.encode(Self.request) : OTLPProtobuf.encode(Self.request)
            var headers: HTTPHeaders = ["content-type": encoding.mediaType]
            if isGzip { headers.add(name: "content-encoding", value: "gzip") }
            let answer = try await backend.ask(
                .POST, "/v1/logs", headers: headers,
                body: .bytes(isGzip ? gzip(message) : ByteBuffer(bytes: message)))
            #expect(answer.status == 200)
            #expect(answer.contentType == encoding.mediaType)
            #expect(answer.body == (encoding == .json ? Array("{}".utf8) : []))
            #expect(try await found(backend))
            #expect(try await found(backend, "traceId=00000000000000010000000000000002&severity=warn"))
            #expect(try await !found(backend, "severity=error"))
        }
    }

    @Test("over gRPC: stored and found at once", arguments: [CompressionAlgorithm.none, .gzip])
    func grpc(compression: CompressionAlgorithm) async throws {
        try await withBackend { backend in
            let answer = try await export(
                OTLPProtobuf.encode(Self.request), to: backend, compression: compression)
            #expect(answer == [])
            #expect(try await found(backend))
        }
    }

    @Test("what is not right is refused as for traces")
    func refusals() async throws {
        try await withBackend(configure: { $0.limits.requestBytesMax = 1_000 }) { backend in
            let get = try await backend.ask(.GET, "/v1/logs")
            #expect(get.status == 405 && get.headers.first(name: "allow") == "POST")
            let text = try await backend.ask(
                .POST, "/v1/logs", headers: ["content-type": "text/plain"], body: .bytes(ByteBuffer()))
            #expect(text.status == 415)
            let broken = try await backend.ask(
                .POST, "/v1/logs", headers: ["content-type": "application/json"],
                body: .bytes(ByteBuffer(string: #"{"resourceLogs":[{"scopeLogs":7}]}"#)))
            #expect(broken.status == 400)
            #expect(try broken.rpcStatus().message.contains("ExportLogsServiceRequest"))
            let violation = try broken.rpcStatus().badRequest?.fieldViolations.first
            #expect(violation?.field.hasPrefix("resourceLogs[0].scopeLogs") == true)
            let large = try await backend.ask(
                .POST, "/v1/logs", headers: ["content-type": "application/x-protobuf"],
                body: .bytes(ByteBuffer(repeating: 0, count: 1_001)))
            #expect(large.status == 413)
            let error = await #expect(throws: RPCError.self) {
                try await export([0x0a, 0x7f, 0], to: backend)
            }
            #expect(error?.code == .invalidArgument)
            let metrics = try await readMetrics(of: backend)
            let refused = "contrail_requests_refused_total"
            #expect(metrics[refused, ["port": "grpc", "reason": "malformed"]] == 1)
            #expect(metrics[refused, ["port": "http", "reason": "malformed"]] == 1)
            #expect(metrics[refused, ["port": "http", "reason": "too_large"]] == 1)
        }
    }

    @Test("log records are counted when they are stored")
    func accepted() async throws {
        try await withBackend { backend in
            _ = try await export(OTLPProtobuf.encode(Self.request), to: backend)
            let metrics = try await readMetrics(of: backend)
            #expect(metrics["contrail_log_records_accepted_total"] == 1)
            #expect(metrics["contrail_spans_accepted_total"] == 0)
        }
    }

    @Test(
        "a store that cannot write now answers 503 with Retry-After, and UNAVAILABLE; /ready and /metrics tell"
    )
    func unavailable() async throws {
        let store = FailingLogs()
        try await withBackend(store: TestStore(), logs: store) { backend in
            let answer = try await backend.ask(
                .POST, "/v1/logs", headers: ["content-type": "application/x-protobuf"],
                body: .bytes(ByteBuffer(bytes: OTLPProtobuf.encode(Self.request))))
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "retry-after") == "1")
            let error = await #expect(throws: RPCError.self) {
                try await export(OTLPProtobuf.encode(Self.request), to: backend)
            }
            #expect(error?.code == .unavailable)
            let metrics = try await readMetrics(of: backend)
            let reason = ["reason": "store_unavailable"]
            #expect(metrics["contrail_log_records_refused_total", reason] == 2)
            for port in ["grpc", "http"] {
                let refused = reason.merging(["port": port]) { $1 }
                #expect(metrics["contrail_requests_refused_total", refused] == 1)
            }
            let ready = try await backend.ask(.GET, "/ready", at: .ui)
            #expect(ready.status == 503)
            #expect(String(decoding: ready.body, as: UTF8.self).contains("logs: the store is not available"))
        }
        #expect(store.isClosed.withLock { $0 })
    }

    @Test("a record without any time gets the time at which it was received")
    func missingTimes() async throws {
        var request = Self.request
        request.resourceLogs[0].scopeLogs[0].logRecords[0].timeUnixNano = 0
        try await withBackend { [request] backend in
            _ = try await export(OTLPProtobuf.encode(request), to: backend)
            #expect(try await found(backend, "since=1h"))
        }
    }

    private func readMetrics(of backend: RunningBackend) async throws -> ParsedMetrics {
        let answer = try await backend.ask(.GET, "/metrics", at: .ui)
        return try ParsedMetrics(String(decoding: answer.body, as: UTF8.self))
    }

    private func export(
        _ message: [UInt8], to backend: RunningBackend, compression: CompressionAlgorithm = .none
    ) async throws -> [UInt8] {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: backend.port(.grpc)), transportSecurity: .plaintext,
            config: .defaults { $0.compression = .init(algorithm: compression, enabledAlgorithms: .all) })
        return try await withGRPCClient(transport: transport) { client in
            try await client.unary(
                request: ClientRequest(message: message),
                descriptor: MethodDescriptor(
                    fullyQualifiedService: "opentelemetry.proto.collector.logs.v1.LogsService",
                    method: "Export"),
                serializer: Bytes.Writer(), deserializer: Bytes.Reader(), options: .defaults
            ) { try $0.message }
        }
    }

    private enum Bytes {
        struct Writer: MessageSerializer {
            func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
        }

        struct Reader: MessageDeserializer {
            func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [UInt8] {
                bytes.withUnsafeBytes { Array($0) }
            }
        }
    }
}

/// Logs of a disk that is full.
private final class FailingLogs: LogStore {
    let isClosed = Mutex(false)

    func write(_ batch: [ResourceLogs]) async throws(StorageError) { throw .unavailable("the disk is full") }
    func logs(matching query: LogQuery) async throws(StorageError) -> LogPage {
        LogPage(logs: [], next: nil)
    }
    func logs(ofTrace id: TraceID, limit: Int) async throws(StorageError) -> TraceLogExcerpt {
        TraceLogExcerpt(resourceLogs: [], isComplete: true)
    }
    func close() async { isClosed.withLock { $0 = true } }
}
