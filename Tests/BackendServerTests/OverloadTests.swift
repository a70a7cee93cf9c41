// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import NIOCore
import NIOHPACK
import NIOHTTP1
import OTLPReceiver
import OTLPWire
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("More than the store takes", .timeLimit(.minutes(2)))
struct OverloadTests {
    private static let request = sampleRequest(500)
    private static let bytes = OTLPProtobuf.encode(request)

    /// Room for `count` such requests at one moment, and not for one more.
    private static func room(for count: Int) -> (inout BackendServerConfiguration) -> Void {
        {
            $0.limits.requestBytesMax = bytes.count
            $0.limits.requestBytesInFlightMax = bytes.count * count + bytes.count / 2
        }
    }

    private func readMetrics(of backend: RunningBackend) async throws -> ParsedMetrics {
        let answer = try await backend.ask(.GET, "/metrics", at: .ui)
        return try ParsedMetrics(String(decoding: answer.body, as: UTF8.self))
    }

    /// Waits until `count` requests are held.
    private func waitUntilHeld(_ count: Int, by backend: RunningBackend) async throws {
        let all = Double(Self.bytes.count * count)
        _ = try await eventually("\(count) requests are under way") {
            let held = try await readMetrics(of: backend)["contrail_requests_in_flight_bytes"] ?? 0
            return held >= all ? true : nil
        }
    }

    /// Waits until nothing is held any more: a stream gives its share back a moment after its answer.
    private func waitUntilIdle(_ backend: RunningBackend) async throws {
        _ = try await eventually("no request is under way") {
            let held = try await readMetrics(of: backend)["contrail_requests_in_flight_bytes"]
            return held == 0 ? true : nil
        }
    }

    @Test(
        "over HTTP: 429 with Retry-After while the store hangs, and 200 for all that fitted when it goes on")
    func http() async throws {
        let store = TestStore(held: true)
        try await withBackend(store: store, configure: Self.room(for: 4)) { backend in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await backend.export(Self.request).status } }
                try await waitUntilHeld(4, by: backend)
                for _ in 0..<32 {
                    let refused = try await backend.export(Self.request)
                    #expect(refused.status == 429)
                    #expect(refused.headers.first(name: "retry-after") == "1")
                    #expect(try refused.rpcStatus().retryInfo?.retryDelay == .seconds(1))
                }
                let metrics = try await readMetrics(of: backend)
                #expect(
                    metrics["contrail_requests_refused_total", ["port": "http", "reason": "overloaded"]] == 32
                )
                #expect(metrics["contrail_requests_in_flight_bytes"] == Double(Self.bytes.count * 4))
                store.mayEnd.open()
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await backend.export(Self.request).status == 200)
            try await waitUntilIdle(backend)
        }
        #expect(store.spanCount == 2_500)
    }

    @Test("over gRPC: UNAVAILABLE with RetryInfo while the store hangs, and OK for all that fitted")
    func grpc() async throws {
        let store = TestStore(held: true)
        let frame = grpcFrame(ByteBuffer(bytes: Self.bytes), compressed: false)
        try await withBackend(store: store, configure: Self.room(for: 4)) { backend in
            try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await rawGRPC(port: backend.port(.grpc), data: frame).status }
                }
                try await waitUntilHeld(4, by: backend)
                for _ in 0..<16 {
                    let refused = try await rawGRPC(port: backend.port(.grpc), data: frame)
                    #expect(refused.status == 14)
                    let details = try #require(refused.trailers.first(name: "grpc-status-details-bin"))
                    #expect(!details.isEmpty)
                }
                store.mayEnd.open()
                for try await status in group { #expect(status == 0) }
            }
            try await waitUntilIdle(backend)
            #expect(try await rawGRPC(port: backend.port(.grpc), data: frame).status == 0)
        }
        #expect(store.spanCount == 2_500)
    }

    @Test("questions and probes are answered while the store hangs under more than it takes")
    func readers() async throws {
        let store = TestStore(held: true)
        try await withBackend(store: store, configure: Self.room(for: 2)) { backend in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<2 { group.addTask { try await backend.export(Self.request).status } }
                try await waitUntilHeld(2, by: backend)
                #expect(try await backend.ask(.GET, "/api/v1/services", at: .ui).status == 200)
                #expect(try await backend.ask(.GET, "/health", at: .ui).status == 200)
                store.mayEnd.open()
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test("64 senders as fast as they can never make more be held than the budget, and all is answered")
    func manySenders() async throws {
        let store = TestStore()
        let frame = grpcFrame(ByteBuffer(bytes: Self.bytes), compressed: false)
        try await withBackend(store: store, configure: Self.room(for: 6)) { backend in
            let answers = try await withThrowingTaskGroup(of: [Bool].self) { group in
                for sender in 0..<64 {
                    group.addTask {
                        var accepted: [Bool] = []
                        for _ in 0..<5 {
                            if sender.isMultiple(of: 2) {
                                let status = try await backend.export(Self.request).status
                                #expect([200, 429].contains(status))
                                accepted.append(status == 200)
                            } else {
                                let answer = try await rawGRPC(port: backend.port(.grpc), data: frame)
                                #expect([0, 14].contains(answer.status))
                                accepted.append(answer.status == 0)
                            }
                        }
                        return accepted
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let metrics = try await readMetrics(of: backend)
            let accepted = answers.filter { $0 }.count
            #expect(answers.count == 320)
            #expect(accepted > 0)
            #expect(store.spanCount == accepted * 500)
            #expect(metrics["contrail_spans_accepted_total"] == Double(accepted * 500))
            try await waitUntilIdle(backend)
        }
    }
}
