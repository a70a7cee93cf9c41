// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A receiver that counts spans and forgets them. Prints its port, and at the end of its input the count.
enum Receiver {
    static let spans = Atomic<Int>(0)
    private static let windowBytes = 1 << 20

    static func run(_ transport: String) async throws {
        let port = transport == "grpc" ? try await serveGRPC() : try await serveHTTP()
        say("\(port)")
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while let data = try? FileHandle.standardInput.read(upToCount: 1), !data.isEmpty {}
                continuation.resume()
            }
        }
        say("\(spans.load(ordering: .relaxed))")
        exit(0)
    }

    private static func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }

    private static func serveGRPC() async throws -> Int {
        var router = RPCRouter<HTTP2ServerTransport.Posix>()
        router.registerHandler(
            forMethod: MethodDescriptor(
                fullyQualifiedService: "opentelemetry.proto.collector.trace.v1.TraceService", method: "Export"
            ),
            deserializer: Bytes(), serializer: Bytes()
        ) { request, _ in
            for try await message in request.messages {
                spans.add(SpanCounter.spans(in: message), ordering: .relaxed)
            }
            return StreamingServerResponse(single: ServerResponse(message: []))
        }
        // The window of `contrail serve`. A batch is larger than HTTP/2's own 64 KiB, which would make it stop
        // half-way.
        let config = HTTP2ServerTransport.Posix.Config.defaults { $0.http2.targetWindowSize = windowBytes }
        let transport = HTTP2ServerTransport.Posix(
            address: .ipv4(host: "127.0.0.1", port: 0), transportSecurity: .plaintext, config: config)
        let server = GRPCServer(transport: transport, router: router)
        Task.detached { try? await server.serve() }
        return try await transport.listeningAddress.ipv4?.port ?? 0
    }

    private static func serveHTTP() async throws -> Int {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(CountingHandler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return channel.localAddress?.port ?? 0
    }
}

private final class CountingHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var body: [UInt8] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: body.removeAll(keepingCapacity: true)
        case .body(let part): body.append(contentsOf: part.readableBytesView)
        case .end:
            Receiver.spans.add(SpanCounter.spans(in: body), ordering: .relaxed)
            let head = HTTPResponseHead(
                version: .http1_1, status: .ok,
                headers: ["Content-Type": "application/x-protobuf", "Content-Length": "0"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

private struct Bytes: MessageSerializer, MessageDeserializer {
    func serialize<Target: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Target { Target(message) }

    func deserialize<Source: GRPCContiguousBytes>(_ serializedMessageBytes: Source) throws -> [UInt8] {
        serializedMessageBytes.withUnsafeBytes { [UInt8]($0) }
    }
}
