// SPDX-License-Identifier: Apache-2.0

import BackendServer
import NIOCore
import NIOHPACK
import NIOPosix
import OTLPWire
import Testing

@Suite("a gRPC connection that ends while requests come")
struct GRPCDepartureTests {
    @Test(
        "a request that begins behind the GOAWAY takes no answer from those before",
        .timeLimit(.minutes(1)), arguments: [false, true])
    func lateStream(sendsData: Bool) async throws {
        let store = TestStore(held: true)
        try await withBackend(store: store) { backend in
            let frames = try await FrameConnection(port: backend.port(.grpc))
            try await frames.channel.executeThenClose { inbound, outbound in
                var inbound = FrameIterator(inbound.makeAsyncIterator())
                try await outbound.write(frames.preface)
                try await outbound.write(frames.request(on: 1))
                await store.writeBegan.wait()
                await backend.beginShutdown()
                try await inbound.skip { $0.type == .goAway }
                if sendsData {
                    // swift-nio-http2 gives the connection up at these; nothing says when it has.
                    try await outbound.write(frames.request(on: 3))
                } else {
                    try await outbound.write(frames.headers(on: 3, endStream: true))
                    try await outbound.write(
                        frames.frame(.ping, flags: 0, stream: 0, ByteBuffer(repeating: 7, count: 8)))
                    try await inbound.skip { $0.type == .ping && $0.flags & 1 == 1 }
                }
                store.mayEnd.open()
                try await inbound.skip { $0.stream == 1 && $0.type == .data && $0.length > 0 }
                try await inbound.skip { $0.stream == 1 && $0.type == .headers && $0.flags & 1 == 1 }
                outbound.finish()
            }
        }
        #expect(store.spanCount == 1)
    }
}

/// HTTP/2 by hand, for a sender that does not heed what it reads.
private struct FrameConnection {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    init(port: Int) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
    }

    enum FrameType: UInt8 { case data, headers, priority, reset, settings, push, ping, goAway, window, more }

    /// RFC 9113, sections 3.4 and 4.1.
    var preface: ByteBuffer {
        var bytes = ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        bytes.writeImmutableBuffer(frame(.settings, flags: 0, stream: 0, ByteBuffer()))
        return bytes
    }

    func frame(_ type: FrameType, flags: UInt8, stream: UInt32, _ payload: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt8(truncatingIfNeeded: payload.readableBytes >> 16))
        bytes.writeInteger(UInt16(truncatingIfNeeded: payload.readableBytes))
        bytes.writeInteger(type.rawValue)
        bytes.writeInteger(flags)
        bytes.writeInteger(stream)
        bytes.writeImmutableBuffer(payload)
        return bytes
    }

    func headers(on stream: UInt32, endStream: Bool = false) throws -> ByteBuffer {
        var encoder = HPACKEncoder(allocator: ByteBufferAllocator())
        // Both sides' tables stay empty, so that each block stands for itself.
        try encoder.setDynamicTableSize(0)
        var block = ByteBuffer()
        try encoder.encode(headers: RawGRPCConnection.headers(), to: &block)
        return frame(.headers, flags: endStream ? 5 : 4, stream: stream, block)
    }

    func request(on stream: UInt32) throws -> ByteBuffer {
        let message = ByteBuffer(bytes: OTLPProtobuf.encode(sampleRequest()))
        var bytes = try headers(on: stream)
        bytes.writeImmutableBuffer(
            frame(.data, flags: 1, stream: stream, grpcFrame(message, compressed: false)))
        return bytes
    }
}

/// The frames that come, without what is in them.
private struct FrameIterator {
    struct Head {
        let length: Int
        let type: FrameConnection.FrameType?
        let flags: UInt8
        let stream: UInt32
    }

    struct Ended: Error {}

    private var bytes = ByteBuffer()
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.inbound = inbound }

    /// Reads up to a frame that is `wanted`.
    mutating func skip(to wanted: (Head) -> Bool) async throws {
        while true {
            if let head = next() {
                if wanted(head) { return }
            } else {
                guard let more = try await inbound.next() else { throw Ended() }
                bytes.writeImmutableBuffer(more)
            }
        }
    }

    private mutating func next() -> Head? {
        let start = bytes.readerIndex
        guard let high = bytes.getInteger(at: start, as: UInt8.self),
            let low = bytes.getInteger(at: start + 1, as: UInt16.self),
            let type = bytes.getInteger(at: start + 3, as: UInt8.self),
            let flags = bytes.getInteger(at: start + 4, as: UInt8.self),
            let stream = bytes.getInteger(at: start + 5, as: UInt32.self)
        else { return nil }
        let length = Int(high) << 16 | Int(low)
        guard bytes.readableBytes >= 9 + length else { return nil }
        bytes.moveReaderIndex(forwardBy: 9 + length)
        return Head(length: length, type: .init(rawValue: type), flags: flags, stream: stream)
    }
}
