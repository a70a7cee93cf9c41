// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import OTLPWire
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("Backend server")
struct BackendServerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test("what was acknowledged is found by the API, and again after a second start")
    func durable() async throws {
        let folder = try TemporaryFolder()
        let directory = folder.url.appending(path: "made/when/missing").path()
        let trace = "/api/v1/traces/00000000000000010000000000000001"
        try await withBackend(storage: .directory(directory)) { backend in
            let accepted = try await backend.export(sampleRequest(5))
            #expect(accepted.status == 200)
            let found = try await backend.ask(.GET, trace, at: .ui)
            #expect(found.status == 200)
        }
        try await withBackend(storage: .directory(directory)) { backend in
            let answer = try await backend.ask(.GET, trace, at: .ui)
            #expect(answer.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("span 4"))
        }
    }

    @Test("nothing is acknowledged before the store has written")
    func acknowledgement() async throws {
        let store = TestStore(held: true)
        try await withBackend(store: store) { backend in
            async let answer = backend.export(sampleRequest())
            await store.writeBegan.wait()
            store.mayEnd.open()
            let status = try await answer.status
            #expect(status == 200)
            store.note("answered")
        }
        #expect(store.events == ["written", "answered", "closed"])
    }

    @Test("a graceful shutdown stops accepting, answers what is under way, then closes the store")
    func gracefulShutdown() async throws {
        let store = TestStore(held: true)
        try await withBackend(store: store) { backend in
            async let answer = backend.export(sampleRequest())
            await store.writeBegan.wait()
            await backend.beginShutdown()
            // The listeners are closed from another task: wait until they are.
            _ = try await eventually("the port refuses") { await backend.refuses(.http) ? true : nil }
            _ = try await eventually("the port refuses") { await backend.refuses(.grpc) ? true : nil }
            #expect(store.events == [])
            store.mayEnd.open()
            let status = try await answer.status
            #expect(status == 200)
            store.note("answered")
        }
        #expect(Set(store.events) == ["written", "answered", "closed"])
        #expect(store.events.first == "written")
    }

    @Test("a shutdown does not wait for ever for a request that never ends")
    func shutdownGrace() async throws {
        let store = TestStore()
        try await withBackend(store: store) {
            $0.shutdownGrace = .milliseconds(50)
        } _: { backend in
            // A body that is announced and never sent.
            var request = HTTPClientRequest(url: backend.url(.http, "/v1/traces"))
            request.method = .POST
            request.headers = ["content-type": "application/json"]
            let connected = AsyncStream<Void>.makeStream()
            request.body = .stream(
                EndlessWait { connected.continuation.finish() }, length: .known(Int64(10)))
            let pending = Task { [request] in
                _ = try? await HTTPClient.shared.execute(request, timeout: .seconds(60))
            }
            // Otherwise the client would try to connect until its patience ends.
            for await _ in connected.stream {}
            await backend.beginShutdown()
            // The connection is closed, too: the client's own patience is not needed.
            let waited = await ContinuousClock().measure { await pending.value }
            #expect(waited < .seconds(30))
        }
        #expect(store.events == ["closed"])
    }

    @Test(
        "nor for a connection to the port for gRPC that says nothing more", .timeLimit(.minutes(2)),
        arguments: ["", "PRI", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0"])
    func silentConnection(sent: String) async throws {
        let store = TestStore()
        try await withBackend(store: store) {
            $0.shutdownGrace = .milliseconds(50)
        } _: { backend in
            // Reads until the server closes.
            async let answer = rawExchange(backend.port(.grpc), sent)
            // When another one behind it has been served, it has been accepted.
            let frame = grpcFrame(
                ByteBuffer(bytes: OTLPProtobuf.encode(sampleRequest())), compressed: false)
            let status = try await rawGRPC(port: backend.port(.grpc), data: frame).status
            #expect(status == 0)
            await backend.beginShutdown()
            _ = try? await answer
        }
        #expect(store.events == ["written", "closed"])
    }

    @Test("requests over gRPC that arrive when the time for the shutdown is over harm nobody")
    func lateRequests() async throws {
        for _ in 0..<10 {
            let store = TestStore()
            try await withBackend(store: store) {
                $0.shutdownGrace = .milliseconds(20)
            } _: { backend in
                let port = backend.port(.grpc)
                let frame = grpcFrame(
                    ByteBuffer(bytes: OTLPProtobuf.encode(sampleRequest())), compressed: false)
                // Requests that never end, and others one after the other, until the port is closed.
                let clients = (0..<6).map { number in
                    Task {
                        for _ in 0..<1_000 {
                            let isWhole = number > 2
                            _ = try await rawGRPC(
                                port: port, data: isWhole ? frame : ByteBuffer(bytes: [0]), endStream: isWhole
                            )
                        }
                    }
                }
                await store.writeBegan.wait()
                await backend.beginShutdown()
                for client in clients { _ = await client.result }
            }
            #expect(store.events.last == "closed")
        }
    }

    @Test("a port that is taken is named, and nothing else has been started", arguments: BackendPort.allCases)
    func portTaken(door: BackendPort) async throws {
        let taken = try ListeningPort(host: "127.0.0.1", port: 0)
        var configuration = BackendServerConfiguration(
            ports: [.grpc: 0, .http: 0, .ui: 0], storage: .memory)
        configuration.ports[door] = taken.port
        await #expect(throws: BackendStartError.portTaken(door, host: "127.0.0.1", port: taken.port)) {
            try await BackendServer.start(configuration, logger: logger) { () throws(StorageError) in
                throw .damaged("the store was opened")
            }
        }
    }

    @Test("an address that is not this machine's cannot be listened on")
    func foreignAddress() async {
        let configuration = BackendServerConfiguration(
            host: "203.0.113.1", ports: [.grpc: 0, .http: 0, .ui: 0], storage: .memory)
        let error = await #expect(throws: BackendStartError.self) {
            try await BackendServer.start(configuration, logger: logger)
        }
        guard case .cannotListen(.grpc, "203.0.113.1", 0, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("ports of a start that failed are free again")
    func portsAreGivenBack() async throws {
        let configuration = BackendServerConfiguration(
            ports: [.grpc: 0, .http: 0, .ui: 0], storage: .memory)
        await #expect(throws: BackendStartError.storage(.closed)) {
            try await BackendServer.start(configuration, logger: logger) { () throws(StorageError) in
                throw .closed
            }
        }
        let port = try { try ListeningPort(host: "127.0.0.1", port: 0).port }()
        #expect(try ListeningPort(host: "127.0.0.1", port: port).port == port)
    }

    @Test("when the logs cannot be opened, the traces are closed again")
    func logsDoNotOpen() async {
        let store = TestStore()
        let configuration = BackendServerConfiguration(
            ports: [.grpc: 0, .http: 0, .ui: 0], storage: .memory)
        await #expect(throws: BackendStartError.storage(.failed("logs"))) {
            try await BackendServer.start(
                configuration, logger: logger,
                openingLogs: { () throws(StorageError) in throw .failed("logs") }
            ) { store }
        }
        #expect(store.events == ["closed"])
    }

    @Test("the bytes on disk are those of traces and logs, and damage of both is told")
    func statusOfBoth() {
        var status = StoreStatus()
        status.diskBytes = 10
        status.damages = ["block 1"]
        var logs = LogStoreStatus()
        status.add(logs)
        #expect(status.diskBytes == 10)
        logs.diskBytes = 5
        logs.damages = ["log block 2"]
        status.add(logs)
        #expect(status.diskBytes == 15)
        #expect(status.damages == ["block 1", "log block 2"])
    }

    @Test("a second backend on the same directory is refused")
    func secondOnDirectory() async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.path()
        try await withBackend(storage: .directory(path)) { _ in
            let error = await #expect(throws: BackendStartError.self) {
                try await withBackend(storage: .directory(path)) { _ in }
            }
            guard case .storage(.cannotOpen) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("the page is at the root of its port, and an unknown path of the API is 404 in JSON")
    func uiPort() async throws {
        try await withBackend { backend in
            let page = try await backend.ask(.GET, "/", at: .ui)
            #expect(page.status == 200)
            #expect(page.contentType?.hasPrefix("text/html") == true)
            let unknown = try await backend.ask(.GET, "/api/nothing", at: .ui)
            #expect(unknown.status == 404)
            #expect(unknown.contentType?.hasPrefix("application/json") == true)
            #expect(unknown.headers.first(name: "access-control-allow-origin") == nil)
        }
    }
}

extension RunningBackend {
    /// True when nobody listens on the port any more.
    fileprivate func refuses(_ door: BackendPort) async -> Bool {
        do {
            return try ListeningPort(host: "127.0.0.1", port: port(door)).port == port(door)
        } catch {
            return false
        }
    }
}

/// A body that never comes.
private struct EndlessWait: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    private let stream: AsyncStream<ByteBuffer>
    /// Kept, because the stream ends with it.
    private let continuation: AsyncStream<ByteBuffer>.Continuation

    private let asked: @Sendable () -> Void

    /// `asked` is called when somebody wants to send the first part.
    init(_ asked: @escaping @Sendable () -> Void) {
        (stream, continuation) = AsyncStream.makeStream()
        self.asked = asked
    }

    func makeAsyncIterator() -> AsyncStream<ByteBuffer>.Iterator {
        asked()
        return stream.makeAsyncIterator()
    }
}
