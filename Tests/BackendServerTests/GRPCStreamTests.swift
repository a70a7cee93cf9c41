// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import GzipFixtures
import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2
import OTLPReceiver
import OTLPWire
import Testing

@testable import BackendServer

@Suite("streams of a gRPC connection", .timeLimit(.minutes(2)))
struct GRPCStreamTests {
    private let store = TestStore()

    private static func frame(_ spans: Int = 1) -> ByteBuffer {
        grpcFrame(ByteBuffer(bytes: OTLPProtobuf.encode(sampleRequest(spans))), compressed: false)
    }

    private func withConnection<Value: Sendable>(
        store: TestStore? = nil, configure: (inout BackendServerConfiguration) -> Void = { _ in },
        _ body: (RunningBackend, RawGRPCConnection) async throws -> Value
    ) async throws -> Value {
        try await withBackend(store: store ?? self.store, configure: configure) { backend in
            let connection = try await RawGRPCConnection(port: backend.port(.grpc))
            let value = try await body(backend, connection)
            await connection.close()
            return value
        }
    }

    private func bytesInFlight(_ backend: RunningBackend) async throws -> Double? {
        let answer = try await backend.ask(.GET, "/metrics", at: .ui)
        return try ParsedMetrics(String(decoding: answer.body, as: UTF8.self))[
            "contrail_requests_in_flight_bytes"]
    }

    @Test("a message is taken wherever its frames are cut")
    func cuts() async throws {
        let whole = Self.frame()
        let count = whole.readableBytes
        try await withConnection { _, connection in
            for cut in 0...count {
                let parts = [
                    whole.getSlice(at: 0, length: cut), whole.getSlice(at: cut, length: count - cut),
                ]
                let answer = try await connection.call(parts.map { $0 ?? ByteBuffer() })
                #expect(answer.status == 0, "cut at \(cut) of \(count)")
            }
            let answer = try await connection.call(whole.pieces(of: 1))
            #expect(answer.status == 0)
            #expect(answer.httpStatus == "200")
        }
        #expect(store.spanCount == count + 2)
    }

    @Test("a stream that breaks the protocol is reset, and the others of its connection are answered")
    func brokenStream() async throws {
        let whole = Self.frame()
        try await withConnection { _, connection in
            let answer = try await connection.withStream { inbound, outbound in
                try await outbound.write(.headers(.init(headers: RawGRPCConnection.headers())))
                var headers = RawGRPCConnection.headers()
                headers.add(name: "connection", value: "close")
                let broken = try? await connection.call([whole], headers: headers)
                #expect(broken?.status == nil)
                try await outbound.write(.data(.init(data: .byteBuffer(whole), endStream: true)))
                return try await RawGRPCConnection.answer(inbound)
            }
            #expect(answer.status == 0)
        }
        #expect(store.spanCount == 1)
    }

    @Test("frames of data with nothing in them change nothing")
    func emptyFrames() async throws {
        let answer = try await withConnection { _, connection in
            try await connection.call([ByteBuffer(), Self.frame(), ByteBuffer()])
        }
        #expect(answer.status == 0)
        #expect(store.spanCount == 1)
    }

    @Test("a message that is larger than the window, and decoded off the event loop, is stored")
    func large() async throws {
        let whole = Self.frame(100_000)
        try #require(whole.readableBytes > 4 << 20)
        let answer = try await withConnection { _, connection in
            try await connection.call(whole.pieces(of: 16 << 10))
        }
        #expect(answer.status == 0)
        #expect(store.spanCount == 100_000)
    }

    @Test("no message and two messages are UNIMPLEMENTED, and nothing is stored")
    func messageCount() async throws {
        try await withConnection { _, connection in
            for data in [[], [ByteBuffer()], [Self.frame(), Self.frame()]] {
                let answer = try await connection.call(data)
                #expect(answer.status == 12)
                #expect(answer.message == "Export takes exactly one message")
            }
        }
        #expect(store.spanCount == 0)
    }

    @Test("an unknown path is UNIMPLEMENTED, and named")
    func unknownPath() async throws {
        let answer = try await withConnection { _, connection in
            try await connection.call(
                [Self.frame()], headers: RawGRPCConnection.headers([":path": "/x.v1.X/%Y"]))
        }
        #expect(answer.status == 12)
        #expect(answer.httpStatus == "200")
        #expect(answer.message?.contains("nothing is at /x.v1.X/%25Y;") == true)
    }

    @Test(
        "what is not gRPC is told so in HTTP as well",
        arguments: [
            ("content-type", "application/json", "415", 3),
            ("content-type", "application/grpc+json", "415", 3),
            (":method", "GET", "405", 12),
        ])
    func notGRPC(name: String, value: String, http: String, status: Int) async throws {
        let answer = try await withConnection { _, connection in
            try await connection.call([Self.frame()], headers: RawGRPCConnection.headers([name: value]))
        }
        #expect(answer.httpStatus == http)
        #expect(answer.status == status)
        #expect(store.spanCount == 0)
    }

    @Test(
        "the ways to write the content type are the same",
        arguments: ["application/grpc+proto", "Application/GRPC; a=b"])
    func contentTypes(type: String) async throws {
        let answer = try await withConnection { _, connection in
            try await connection.call(
                [Self.frame()], headers: RawGRPCConnection.headers(["content-type": type]))
        }
        #expect(answer.status == 0)
    }

    @Test("a call that is reset while it is stored keeps its share until then, and no longer")
    func reset() async throws {
        let held = TestStore(held: true)
        let frame = Self.frame(100)
        try await withConnection(store: held) { backend, connection in
            try await connection.withStream { _, outbound in
                try await outbound.write(.headers(.init(headers: RawGRPCConnection.headers())))
                try await outbound.write(.data(.init(data: .byteBuffer(frame), endStream: true)))
                await held.writeBegan.wait()
                try await outbound.write(.rstStream(.cancel))
            }
            // An answer behind the reset: it has been read.
            #expect(try await connection.call([]).status == 12)
            #expect(try await bytesInFlight(backend) == Double(frame.readableBytes - 5))
            held.mayEnd.open()
            _ = try await eventually("the share is given back") {
                try await bytesInFlight(backend) == 0 ? true : nil
            }
            #expect(try await connection.call([Self.frame()]).status == 0)
        }
        #expect(held.spanCount == 101)
    }

    @Test("a graceful shutdown answers the call under way, then closes the connection")
    func shutdown() async throws {
        let held = TestStore(held: true)
        try await withConnection(store: held) { backend, connection in
            async let answer = connection.call([Self.frame()])
            await held.writeBegan.wait()
            // This one has nothing under way, and need not wait for the other.
            let idle = try await RawGRPCConnection(port: backend.port(.grpc))
            #expect(try await idle.call([]).status == 12)
            await backend.beginShutdown()
            try await idle.channel.closeFuture.get()
            #expect(connection.channel.isActive)
            held.mayEnd.open()
            let status = try await answer.status
            #expect(status == 0)
            try await connection.channel.closeFuture.get()
        }
        #expect(held.events == ["written", "closed"])
    }

    @Test("a thousand calls at once on one connection are all answered")
    func manyStreams() async throws {
        try await withConnection { _, connection in
            try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 0..<1_000 { group.addTask { try await connection.call([Self.frame()]).status } }
                for try await status in group { #expect(status == 0) }
            }
        }
        #expect(store.spanCount == 1_000)
    }

    @Test("bytes that are no HTTP/2 end their connection, and no other")
    func garbage() async throws {
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        var random = Dice()
        try await withConnection { backend, connection in
            // The server closes: the client waits for that.
            let answer = try await rawExchange(
                backend.port(.grpc), preface + String(repeating: "x", count: 40))
            #expect(!answer.isEmpty)
            for index in 0..<60 {
                var bytes = ByteBuffer(string: index.isMultiple(of: 2) ? preface : "")
                // A frame of settings is what has to come first.
                if index.isMultiple(of: 4) { bytes.writeBytes([0, 0, 0, 4, 0, 0, 0, 0, 0]) }
                bytes.writeBytes((0..<(index * 20)).map { _ in UInt8.random(in: 0...255, using: &random) })
                try await sendAndLeave(bytes, to: backend.port(.grpc))
            }
            #expect(try await connection.call([Self.frame()]).status == 0)
        }
    }

    @Test("whoever connects and says nothing is let go")
    func saysNothing() async throws {
        try await withBackend(store: store, configure: { $0.limits.bodyTimeout = .milliseconds(100) }) {
            backend in
            // Returns when the connection has been closed.
            _ = try await rawExchange(backend.port(.grpc), "")
        }
    }

    @Test("whoever never reads its answers is not read for ever, then let go; others are served")
    func neverReads() async throws {
        try await withConnection(configure: { $0.limits.bodyTimeout = .milliseconds(300) }) {
            backend, connection in
            let head = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
            let sent = try await rawFlood(backend.port(.grpc), head: head) { number in
                // Long answers, each another one.
                let path = "/\(number)/" + String(repeating: "x", count: 190)
                var block = ByteBuffer()
                var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
                try encoder.encode(headers: RawGRPCConnection.headers([":path": path]), to: &block)
                return headersFrame(block, stream: number * 2 + 1)
            }
            #expect(sent > 0)
            #expect(try await connection.call([Self.frame()]).status == 0)
        }
    }
}

/// A frame of headers that end the stream.
private func headersFrame(_ block: ByteBuffer, stream: Int) -> [UInt8] {
    var frame = ByteBuffer()
    frame.writeInteger(UInt8(0))
    frame.writeInteger(UInt16(block.readableBytes))
    // HEADERS, with END_STREAM and END_HEADERS.
    frame.writeBytes([1, 5])
    frame.writeInteger(UInt32(stream))
    frame.writeImmutableBuffer(block)
    return Array(frame.readableBytesView)
}

/// The same numbers in each run.
private struct Dice: RandomNumberGenerator {
    private var state: UInt64 = 0x2545_f491_4f6c_dd1d

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
