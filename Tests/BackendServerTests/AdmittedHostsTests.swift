// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import BackendServer

@Suite("under which names the backend answers")
struct AdmittedHostsTests {
    private static let hosts = AdmittedHosts(configured: "Traces.example")

    @Test(
        "addresses, localhost and the configured name are admitted, with any port and in any case",
        arguments: [
            nil, "127.0.0.1", "127.0.0.1:16686", "10.1.2.3:80", "[::1]", "[::1]:4318", "[FE80::1]:1",
            "localhost",
            "LOCALHOST:16686", "a.b.localhost", "traces.example", "TRACES.EXAMPLE:4318", "localhost:",
        ])
    func admitted(authority: String?) {
        #expect(Self.hosts.admit(authority))
    }

    @Test(
        "every other name is not",
        arguments: [
            "", "evil.example", "evil.example:16686", "localhost.evil.example", "notlocalhost",
            "127.0.0.1.evil.example",
            "traces.example.evil", "[::1].evil.example", "[::1]evil", "[evil.example]",
            "localhost:80.evil.example",
            "evil.example@localhost", "[::1", "1.2.3",
        ])
    func refused(authority: String) {
        #expect(!Self.hosts.admit(authority))
    }

    @Test("on the wire another name gets 421 on both ports, and no Host at all is HTTP/1.0")
    func onTheWire() async throws {
        try await withBackend { backend in
            let ui = backend.port(.ui)
            let http = backend.port(.http)
            for host in ["evil.example", "evil.example:\(ui)", "127.0.0.1.evil.example"] {
                let page = try await answer(ui, "GET /api/v1/services HTTP/1.1", host)
                #expect(page.hasPrefix("HTTP/1.1 421 "))
                #expect(page.contains("--host"))
                #expect(!page.contains("services"))
                let otlp = try await answer(http, "GET /v1/traces HTTP/1.1", host)
                #expect(otlp.hasPrefix("HTTP/1.1 421 "))
                #expect(otlp.contains("\"code\":7"))
            }
            for host in ["127.0.0.1", "LocalHost:1", "[::1]:4318", "a.localhost"] {
                #expect(try await answer(ui, "GET /api/v1/services HTTP/1.1", host).contains(" 200 "))
                #expect(try await answer(http, "GET /v1/traces HTTP/1.1", host).contains(" 405 "))
            }
            #expect(try await answer(ui, "GET /api/v1/services HTTP/1.0", nil).contains(" 200 "))
        }
    }

    /// Sends one request over a socket of its own and reads until the server closes.
    private func answer(_ port: Int, _ line: String, _ host: String?) async throws -> String {
        let request = "\(line)\r\n\(host.map { "Host: \($0)\r\n" } ?? "")Connection: close\r\n\r\n"
        return try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: the read blocks.
            Thread.detachNewThread {
                continuation.resume(with: Result { try exchange(port, request) })
            }
        }
    }
}

private struct SocketFailure: Error {
    let code = errno
}

private func exchange(_ port: Int, _ request: String) throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketFailure() }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else { throw SocketFailure() }
    let bytes = Array(request.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw SocketFailure() }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
        answer += buffer[..<count]
    }
}
