// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCNIOTransportHTTP2
import GzipFixtures
import NIOCore
import NIOHPACK
import OTLPReceiver
import OTLPWire
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("OTLP over gRPC")
struct OTLPGRPCTests {
    private let store = TestStore()

    /// Exports with grpc-swift's client, as an SDK would.
    private func export(
        _ message: [UInt8], to backend: RunningBackend, service: String = "trace.v1.TraceService",
        compression: CompressionAlgorithm = .none
    ) async throws -> ExportTraceServiceResponse {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: "127.0.0.1", port: backend.port(.grpc)), transportSecurity: .plaintext,
            config: .defaults { $0.compression = .init(algorithm: compression, enabledAlgorithms: .all) })
        return try await withGRPCClient(transport: transport) { client in
            try await client.unary(
                request: ClientRequest(message: message),
                descriptor: MethodDescriptor(
                    fullyQualifiedService: "opentelemetry.proto.collector.\(service)", method: "Export"),
                serializer: BytesSerializer(), deserializer: ResponseDeserializer(), options: .defaults
            ) { try $0.message }
        }
    }

    private func refusal(
        of message: [UInt8], service: String = "trace.v1.TraceService", store: TestStore = TestStore(),
        configure: (inout BackendServerConfiguration) -> Void = { _ in }
    ) async throws -> RPCError? {
        try await withBackend(store: store, configure: configure) { backend in
            await #expect(throws: RPCError.self) {
                try await export(message, to: backend, service: service)
            }
        }
    }

    @Test("spans are stored, plain and gzip", arguments: [CompressionAlgorithm.none, .gzip])
    func success(compression: CompressionAlgorithm) async throws {
        let answer = try await withBackend(store: store) {
            try await export(OTLPProtobuf.encode(sampleRequest(3_000)), to: $0, compression: compression)
        }
        #expect(answer.partialSuccess == nil)
        #expect(store.spanCount == 3_000)
    }

    @Test("rejected spans are counted in a partial success")
    func partialSuccess() async throws {
        let answer = try await withBackend(store: store) {
            try await export(OTLPProtobuf.encode(sampleRequest(2, bad: 3)), to: $0)
        }
        #expect(answer.partialSuccess?.rejectedSpans == 3)
        #expect(store.spanCount == 2)
    }

    @Test("an empty request succeeds")
    func empty() async throws {
        #expect(try await withBackend(store: store) { try await export([], to: $0) }.partialSuccess == nil)
    }

    @Test("a malformed message is INVALID_ARGUMENT")
    func malformed() async throws {
        let error = try await refusal(of: [0x0a, 0xff])
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("at byte") == true)
        let details = try #require(
            error?.metadata[binaryValues: "grpc-status-details-bin"].first { _ in true })
        let violation = try OTLPProtobuf.decode(RPCStatus.self, from: details).badRequest?.fieldViolations
            .first
        #expect(violation?.field == "resourceSpans[0]")
        #expect(violation?.description.contains("at byte") == true)
    }

    @Test("a message over the limit is RESOURCE_EXHAUSTED without RetryInfo")
    func tooLarge() async throws {
        let error = try await refusal(of: [UInt8](repeating: 0, count: 500_000)) {
            $0.limits.requestBytesMax = 200_000
        }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.metadata["grpc-status-details-bin"].first { _ in true } == nil)
    }

    @Test("a store that cannot write now is UNAVAILABLE with RetryInfo")
    func unavailable() async throws {
        let error = try await refusal(
            of: OTLPProtobuf.encode(sampleRequest()), store: TestStore(failing: .unavailable("disk full")))
        #expect(error?.code == .unavailable)
        let details = try #require(
            error?.metadata[binaryValues: "grpc-status-details-bin"].first { _ in true })
        let status = try OTLPProtobuf.decode(RPCStatus.self, from: details)
        #expect(status.code == 14)
        #expect(status.retryInfo?.retryDelay == .seconds(1))
    }

    @Test(
        "metrics are UNIMPLEMENTED, with the reason",
        arguments: ["metrics.v1.MetricsService"])
    func otherSignals(service: String) async throws {
        let error = try await refusal(of: [], service: service)
        #expect(error?.code == .unimplemented)
        #expect(error?.message.contains("stores traces and logs for now") == true)
    }

    @Test("an unknown service is UNIMPLEMENTED")
    func unknownService() async throws {
        #expect(try await refusal(of: [], service: "x.v1.X")?.code == .unimplemented)
    }

    /// Broken requests, by what is wrong with them.
    private static let broken: [(what: String, encoding: String?, data: ByteBuffer, status: Int)] = {
        let message = OTLPProtobuf.encode(sampleRequest(50))
        let whole = gzip(message)
        let half = whole.getSlice(at: 0, length: whole.readableBytes / 2) ?? ByteBuffer()
        let plain = grpcFrame(ByteBuffer(bytes: message), compressed: false)
        return [
            ("gzip cut off", "gzip", grpcFrame(half, compressed: true), 3),
            ("not gzip", "gzip", grpcFrame(ByteBuffer(string: "plain"), compressed: true), 3),
            ("bomb", "gzip", grpcFrame(gzip([UInt8](repeating: 0, count: 80 << 20)), compressed: true), 8),
            ("compressed without encoding", nil, grpcFrame(whole, compressed: true), 3),
            (
                "message cut off", nil,
                plain.getSlice(at: 0, length: plain.readableBytes / 2) ?? ByteBuffer(), 3
            ),
            ("prefix cut off", nil, ByteBuffer(bytes: [0, 0, 0]), 3),
            ("unknown encoding", "zstd", plain, 12),
        ]
    }()

    @Test("a broken request gets its status, and the connection's next is served", arguments: 0..<7)
    func broken(index: Int) async throws {
        let request = Self.broken[index]
        try await withBackend(store: store) { backend in
            let answer = try await rawGRPC(
                port: backend.port(.grpc), headers: request.encoding.map { ["grpc-encoding": $0] } ?? [:],
                data: request.data)
            #expect(answer.status == request.status, "\(request.what): \(answer.trailers)")
            #expect(answer.message?.isEmpty == false)
            _ = try await export(OTLPProtobuf.encode(sampleRequest(2)), to: backend)
        }
        #expect(store.spanCount == 2)
    }

    @Test("a message announced over the limit is refused before it has arrived")
    func refusedAtPrefix() async throws {
        let answer = try await withBackend(store: store) {
            try await rawGRPC(
                port: $0.port(.grpc), data: ByteBuffer(bytes: [0, 0xff, 0xff, 0xff, 0xff]), endStream: false)
        }
        #expect(answer.status == 8)
    }

    @Test("what does not fit beside the requests under way is UNAVAILABLE, and is taken when they are done")
    func overloaded() async throws {
        let held = TestStore(held: true)
        let message = OTLPProtobuf.encode(sampleRequest(100))
        try await withBackend(store: held) {
            $0.limits.requestBytesInFlightMax = message.count + 10
        } _: { backend in
            async let first = export(message, to: backend)
            await held.writeBegan.wait()
            let error = await #expect(throws: RPCError.self) { try await export(message, to: backend) }
            #expect(error?.code == .unavailable)
            #expect(error?.metadata[binaryValues: "grpc-status-details-bin"].first { _ in true } != nil)
            held.mayEnd.open()
            _ = try await first
        }
        #expect(held.spanCount == 100)
    }

    @Test("clients that leave at any point harm nobody")
    func leavers() async throws {
        try await withBackend(store: store) { backend in
            let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            for bytes in [
                ByteBuffer(), ByteBuffer(string: preface), ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"),
            ] {
                try await sendAndLeave(bytes, to: backend.port(.grpc))
            }
            _ = try await export(OTLPProtobuf.encode(sampleRequest()), to: backend)
        }
        #expect(store.spanCount == 1)
    }
}

private struct BytesSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
}

private struct ResponseDeserializer: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> ExportTraceServiceResponse {
        let copy = bytes.withUnsafeBytes { Array($0) }
        return try OTLPProtobuf.decode(ExportTraceServiceResponse.self, from: copy)
    }
}
