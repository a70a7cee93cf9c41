// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP2
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

/// What came back over gRPC: the last headers.
struct GRPCAnswer {
    let status: Int?
    let message: String?
    let trailers: HPACKHeaders
}

/// Sends one gRPC request as it is given, right or wrong, over HTTP/2 written by hand.
func rawGRPC(
    port: Int, headers extra: HPACKHeaders = [:], data: ByteBuffer, endStream: Bool = true,
    path: String = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
) async throws -> GRPCAnswer {
    typealias Stream = NIOAsyncChannel<HTTP2Frame.FramePayload, HTTP2Frame.FramePayload>
    let (connection, multiplexer) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: port) { channel in
            channel.configureAsyncHTTP2Pipeline(mode: .client) { stream in
                stream.eventLoop.makeSucceededVoidFuture()
            }.map { (channel, $0) }
        }
    let stream = try await multiplexer.openStream { stream in
        stream.eventLoop.makeCompletedFuture { try Stream(wrappingChannelSynchronously: stream) }
    }
    var headers: HPACKHeaders = [
        ":method": "POST", ":scheme": "http", ":path": path, ":authority": "a", "te": "trailers",
        "content-type": "application/grpc",
    ]
    headers.add(contentsOf: extra)
    let answer = try await stream.executeThenClose { [headers] inbound, outbound in
        try await outbound.write(.headers(.init(headers: headers)))
        try await outbound.write(.data(.init(data: .byteBuffer(data), endStream: endStream)))
        var last = HPACKHeaders()
        for try await frame in inbound {
            guard case .headers(let headers) = frame else { continue }
            last = headers.headers
            if headers.endStream { break }
        }
        return last
    }
    try await connection.close()
    return GRPCAnswer(
        status: answer.first(name: "grpc-status").flatMap { Int($0) },
        message: answer.first(name: "grpc-message"), trailers: answer)
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
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                with: Result {
                    let descriptor = try connectedSocket(port)
                    defer { close(descriptor) }
                    var sent = 0
                    var bytes = Array(head.utf8)
                    while true {
                        // No signal when the other side has gone.
                        let count = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                        guard count > 0 else { return sent }
                        sent += count
                        bytes = count < bytes.count ? Array(bytes[count...]) : Array(chunk.utf8)
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
