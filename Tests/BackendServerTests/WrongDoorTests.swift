// SPDX-License-Identifier: Apache-2.0

import BackendServer
import NIOCore
import NIOHPACK
import NIOHTTP1
import OTLPWire
import Testing

@Suite("those who come to the wrong port, or as nobody does any more", .timeLimit(.minutes(2)))
struct WrongDoorTests {
    @Test("HTTP/1.1 at the port for gRPC is told where OTLP over HTTP goes, in HTTP/1.1")
    func httpToGRPC() async throws {
        try await withBackend { backend in
            let request = "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"
            let answer = try await rawExchange(backend.port(.grpc), request)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("over HTTP to port \(backend.port(.http))"))
        }
    }

    @Test("gRPC at a port for HTTP is told where it belongs", arguments: [BackendPort.http, .ui])
    func grpcToHTTP(door: BackendPort) async throws {
        try await withBackend { backend in
            let answer = try await rawExchange(backend.port(door), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.contains("over gRPC to port \(backend.port(.grpc))"))
        }
    }

    @Test("OTLP at the port of the page is told the port for it", arguments: ["traces", "metrics", "logs"])
    func otlpToPage(signal: String) async throws {
        try await withBackend { backend in
            let answer = try await backend.ask(.POST, "/v1/\(signal)", at: .ui)
            #expect(answer.status == 404)
            let words = String(decoding: answer.body, as: UTF8.self)
            #expect(words.contains("over HTTP to port \(backend.port(.http))"))
        }
    }

    @Test("a connection of HTTP/1.0 is closed behind the answer", arguments: [BackendPort.http, .ui])
    func oldHTTP(door: BackendPort) async throws {
        try await withBackend { backend in
            // Reads until the server closes.
            let answer = try await rawExchange(backend.port(door), "GET /api/v1/services HTTP/1.0\r\n\r\n")
            #expect(answer.hasPrefix(door == .ui ? "HTTP/1.1 200 " : "HTTP/1.1 404 "))
        }
    }

    @Test("another compression over gRPC is told which ones there are")
    func deflate() async throws {
        try await withBackend { backend in
            let frame = grpcFrame(ByteBuffer(bytes: OTLPProtobuf.encode(sampleRequest())), compressed: true)
            let answer = try await rawGRPC(
                port: backend.port(.grpc), headers: ["grpc-encoding": "deflate"], data: frame)
            #expect(answer.status == 12)
            #expect(answer.trailers.first(name: "grpc-accept-encoding") == "gzip,identity")
        }
    }

    @Test("a shutdown is over before Docker kills, ten seconds after it asked")
    func graceIsShort() {
        #expect(BackendServerConfiguration(storage: .memory).shutdownGrace <= .seconds(6))
    }
}
