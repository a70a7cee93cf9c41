// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import BackendServer

@Suite("under which names the backend answers")
struct AdmittedHostsTests {
    private static let hosts = AdmittedHosts(["0.0.0.0", "Traces.example", "contrail_1"])

    @Test(
        "addresses, localhost and the configured name are admitted, with any port and in any case",
        arguments: [
            nil, "127.0.0.1", "127.0.0.1:16686", "10.1.2.3:80", "[::1]", "[::1]:4318", "[FE80::1]:1",
            "localhost",
            "LOCALHOST:16686", "a.b.localhost", "traces.example", "CONTRAIL_1:4318", "TRACES.EXAMPLE:4318",
            "localhost:",
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
                #expect(page.contains("--allowed-host"))
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

    @Test("a name that was allowed is answered on both ports")
    func allowedHost() async throws {
        try await withBackend {
            $0.allowedHosts = ["contrail"]
        } _: { backend in
            let page = try await answer(backend.port(.ui), "GET /api/v1/services HTTP/1.1", "contrail:16686")
            #expect(page.contains(" 200 "))
            let otlp = try await answer(backend.port(.http), "GET /v1/traces HTTP/1.1", "contrail:4318")
            #expect(otlp.contains(" 405 "))
        }
    }

    /// Sends one request over a socket of its own and reads until the server closes.
    private func answer(_ port: Int, _ line: String, _ host: String?) async throws -> String {
        let request = "\(line)\r\n\(host.map { "Host: \($0)\r\n" } ?? "")Connection: close\r\n\r\n"
        return try await rawExchange(port, request)
    }
}
