// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// Stands on 127.0.0.1 between a sender and a receiver and counts what the sender writes to the socket.
package final class CountingRelay: Sendable {
    private let listener: any Channel
    private let count: ByteCount
    /// The port that the operating system chose.
    package let port: Int

    /// Bytes from the sender so far.
    package var bytesSent: Int { count.bytes.withLock { $0 } }

    /// Connections that were ever made.
    package var connectionCount: Int { count.connections.withLock { $0 } }

    /// Starts one in front of a port of 127.0.0.1.
    package static func start(to target: Int) async throws -> CountingRelay {
        let count = ByteCount()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { near in
                count.connections.withLock { $0 += 1 }
                // On the same loop, so that the two ends may hold each other.
                return ClientBootstrap(group: near.eventLoop).channelOption(.autoRead, value: false)
                    .connect(host: "127.0.0.1", port: target)
                    .flatMap { far in
                        near.eventLoop.makeCompletedFuture {
                            try near.pipeline.syncOperations.addHandler(Pipe(to: far, count))
                            try far.pipeline.syncOperations.addHandler(Pipe(to: near, nil))
                        }.flatMap {
                            far.setOption(.autoRead, value: true).and(near.setOption(.autoRead, value: true))
                                .map { _ in }
                        }
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return CountingRelay(listener, count)
    }

    private init(_ listener: any Channel, _ count: ByteCount) {
        self.listener = listener
        self.count = count
        port = listener.localAddress?.port ?? 0
    }

    /// Takes no more connections; those there end with either side.
    package func stop() async { try? await listener.close() }

    deinit { listener.close(promise: nil) }
}

private final class ByteCount: Sendable {
    let bytes = Mutex(0)
    let connections = Mutex(0)
}

private final class Pipe: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let count: ByteCount?

    init(to other: any Channel, _ count: ByteCount?) {
        self.other = other
        self.count = count
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        count?.bytes.withLock { $0 += bytes.readableBytes }
        other.writeAndFlush(bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
