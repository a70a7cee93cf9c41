// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHPACK
import NIOPosix

/// Opens a TCP connection, sends `bytes`, closes, and returns when the other side has closed too.
func sendAndLeave(_ bytes: ByteBuffer, to port: Int) async throws {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
    try await channel.executeThenClose { inbound, outbound in
        try await outbound.write(bytes)
        outbound.finish()
        // An answer, if there is one; then the end.
        do { for try await _ in inbound {} } catch {}
    }
}

/// What came back over gRPC: the last headers, and the status of the first.
struct GRPCAnswer {
    let status: Int?
    let message: String?
    let trailers: HPACKHeaders
    let httpStatus: String?
}

/// Sends one gRPC request as it is given, right or wrong, over HTTP/2 written by hand.
func rawGRPC(
    port: Int, headers extra: HPACKHeaders = [:], data: ByteBuffer, endStream: Bool = true,
    path: String = RawGRPCConnection.tracesPath
) async throws -> GRPCAnswer {
    let connection = try await RawGRPCConnection(port: port)
    var headers = RawGRPCConnection.headers([":path": path])
    headers.add(contentsOf: extra)
    let answer = try await connection.call([data], headers: headers, endStream: endStream)
    await connection.close()
    return answer
}

/// A gRPC message with its prefix.
func grpcFrame(_ message: ByteBuffer, compressed: Bool) -> ByteBuffer {
    var frame = ByteBuffer()
    frame.writeInteger(UInt8(compressed ? 1 : 0))
    frame.writeInteger(UInt32(message.readableBytes))
    frame.writeImmutableBuffer(message)
    return frame
}

/// Sends `request` over a socket of its own and reads until the server closes.
func rawExchange(_ port: Int, _ request: String) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        // A thread of its own: the read blocks.
        Thread.detachNewThread {
            continuation.resume(with: Result { try exchange(port, request) })
        }
    }
}

/// Sends `head` and then `chunk` again and again until the server closes; gives the bytes that were sent.
func rawFlood(_ port: Int, head: String, chunk: String) async throws -> Int {
    let chunk = Array(chunk.utf8)
    return try await rawFlood(port, head: Array(head.utf8)) { _ in chunk }
}

/// The same with chunks of their own, by their number from 0.
func rawFlood(
    _ port: Int, head: [UInt8], chunk: @escaping @Sendable (Int) throws -> [UInt8]
) async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                with: Result {
                    let descriptor = try connectedSocket(port)
                    defer { close(descriptor) }
                    var sent = 0
                    var number = 0
                    var bytes = head
                    while true {
                        // No signal when the other side has gone.
                        let count = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                        guard count > 0 else { return sent }
                        sent += count
                        if count < bytes.count {
                            bytes.removeFirst(count)
                        } else {
                            bytes = try chunk(number)
                            number += 1
                        }
                    }
                })
        }
    }
}

private struct SocketFailure: Error {
    let code = errno
}

private func connectedSocket(_ port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw SocketFailure() }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connected == 0 else {
        close(descriptor)
        throw SocketFailure()
    }
    return descriptor
}

private func exchange(_ port: Int, _ request: String) throws -> String {
    let descriptor = try connectedSocket(port)
    defer { close(descriptor) }
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
