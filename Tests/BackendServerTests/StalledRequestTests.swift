// SPDX-License-Identifier: Apache-2.0

import BackendServer
import NIOCore
import OTLPReceiver
import OTLPWire
import Testing

@Suite("requests whose body does not come")
struct StalledRequestTests {
    private let store = TestStore()

    /// A request of which `sent` has arrived and nothing more will.
    private func head(_ length: String, sent: String = "") -> String {
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\(length)\r\n\r\n\(sent)"
    }

    /// Waits until `count` requests stall, and tells what came back when they had been given up.
    private func answers(
        whileStalled request: @escaping @Sendable (RunningBackend) async throws -> String, count: Int = 3,
        _ body: (RunningBackend) async throws -> Void
    ) async throws -> [String] {
        let large = OTLPProtobuf.encode(sampleRequest(100)).count
        return try await withBackend(store: store) {
            // Room for one request at a time, by what has arrived.
            $0.limits.requestBytesInFlightMax = large + 100
            $0.limits.bodyTimeout = .milliseconds(700)
        } _: { backend in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<count { group.addTask { try await request(backend) } }
                try await body(backend)
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    @Test(
        "they take no room from others, and get 408",
        arguments: ["content-length: 9000", "transfer-encoding: chunked"])
    func http(length: String) async throws {
        let sent = length.contains("chunked") ? "4\r\n{\"re\r\n" : "{\"re"
        let request = head(length, sent: sent)
        let answers = try await answers {
            try await rawExchange($0.port(.http), request)
        } _: { backend in
            for _ in 0..<3 {
                let status = try await backend.export(sampleRequest(100)).status
                #expect(status == 200)
            }
        }
        #expect(answers.count == 3)
        for answer in answers {
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(answer.contains("content-type: application/json"))
            #expect(answer.contains("\"code\":4"))
        }
        #expect(store.spanCount == 300)
    }

    @Test("over gRPC too, and get DEADLINE_EXCEEDED")
    func grpc() async throws {
        let answers = try await answers { backend in
            let answer = try await rawGRPC(
                port: backend.port(.grpc), data: ByteBuffer(bytes: [0, 0, 0, 0x20, 0, 1, 2]), endStream: false
            )
            return "\(answer.status ?? -1)"
        } _: { backend in
            for _ in 0..<3 {
                let status = try await backend.export(sampleRequest(100)).status
                #expect(status == 200)
            }
        }
        #expect(answers == ["4", "4", "4"])
        #expect(store.spanCount == 300)
    }

    @Test("a body to the page's port is waited for no longer")
    func ui() async throws {
        let request = head("content-length: 10")
        let answers = try await answers(
            whileStalled: { try await rawExchange($0.port(.ui), request) }, count: 1, { _ in })
        // The refusal of the path needs no body and may have come first.
        #expect(answers.first?.hasPrefix("HTTP/1.1 4") == true)
    }
}
