// SPDX-License-Identifier: Apache-2.0

import BackendServer
import OTLPReceiver
import Testing

/// A client that sends its whole request before it reads, as most do.
@Suite("requests that are answered before they have ended", .timeLimit(.minutes(1)))
struct EarlyAnswerTests {
    /// More than the buffers of both sockets take.
    private static let bodyBytes = 24 << 20

    private func request(_ fields: String, bytes: Int = bodyBytes) -> String {
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\n\(fields)\r\ncontent-length: \(bytes)\r\n\r\n"
            + String(repeating: "x", count: bytes)
    }

    @Test(
        "the sender can send the rest and then reads the answer, although the connection is to close",
        arguments: [
            ("415", "content-type: text/plain"),
            ("415", "content-type: application/json\r\ncontent-encoding: br"),
            ("400", "content-type: application/json\r\ncontent-encoding: gzip"),
            ("413", "content-type: application/json"),
        ])
    func connectionClose(status: String, fields: String) async throws {
        let bytesMax = status == "413" ? Self.bodyBytes - 1 : Self.bodyBytes
        try await withBackend(configure: { $0.limits.requestBytesMax = bytesMax }) { backend in
            let answer = try await rawExchange(
                backend.port(.http), request("connection: close\r\n\(fields)"))
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(200))")
        }
    }

    @Test("a refused request leaves the connection to the next one")
    func keepAlive() async throws {
        try await withBackend { backend in
            let answer = try await rawExchange(
                backend.port(.http),
                request("content-type: text/plain")
                    + request("connection: close\r\ncontent-type: text/plain", bytes: 10))
            #expect(answer.split(separator: "HTTP/1.1 415 ").count == 2, "\(answer.prefix(500))")
        }
    }

    @Test(
        "what comes behind an answer is read up to the limit for one request, then the connection is closed")
    func endless() async throws {
        try await withBackend(configure: { $0.limits.requestBytesMax = 1_000_000 }) { backend in
            let sent = try await rawFlood(
                backend.port(.http),
                head: "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n",
                chunk: "10000\r\n" + String(repeating: "x", count: 65_536) + "\r\n")
            #expect(sent >= 1_000_000)
        }
    }
}
