// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHPACK
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import OTLPGRPCExporter

@Suite("Connections of OTLP/gRPC", .timeLimit(.minutes(1)))
struct GRPCConnectionsTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    @Test(
        "a receiver that takes the connection and never answers the handshake is dialled again for the next call"
    )
    func silentHandshake() async throws {
        let accepted = Mutex(0)
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                accepted.withLock { $0 += 1 }
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let tls = try NIOSSLContext(configuration: .makeClientConfiguration())
        let loop = group.next()
        let connections = GRPCConnections(
            host: "127.0.0.1", port: port, tls: tls, on: loop, connectTimeout: .milliseconds(100))
        for count in 1...2 {
            let call = GRPCCall(headers: [:], body: ByteBuffer())
            connections.send(call)
            let outcome = await call.outcome(before: .distantFuture, on: loop)
            #expect(outcome == .lost("no connection: no handshake of TLS within 100 ms"))
            #expect(accepted.withLock { $0 } == count)
        }
        connections.shutdown()
        try await listener.close()
    }
}
