// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix

/// A connection over HTTP/2 on which a test sends frames as it likes.
struct RawGRPCConnection {
    typealias Payload = HTTP2Frame.FramePayload
    typealias Stream = NIOAsyncChannel<Payload, Payload>

    let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.AsyncStreamMultiplexer<Void>

    static let tracesPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

    init(port: Int) async throws {
        var configuration = NIOHTTP2Handler.Configuration()
        // Headers as a test likes them, too.
        configuration.connection.headerBlockValidation = .disabled
        (channel, multiplexer) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { [configuration] channel in
                channel.configureAsyncHTTP2Pipeline(mode: .client, configuration: configuration) { stream in
                    stream.eventLoop.makeSucceededVoidFuture()
                }.map { (channel, $0) }
            }
    }

    /// The headers of a call, with those of `changes` instead of the usual ones.
    static func headers(_ changes: HPACKHeaders = [:]) -> HPACKHeaders {
        let usual: HPACKHeaders = [
            ":method": "POST", ":scheme": "http", ":path": tracesPath, ":authority": "a", "te": "trailers",
            "content-type": "application/grpc",
        ]
        // In their place: those that begin with a colon have to stand first.
        return HPACKHeaders(usual.map { ($0.name, changes.first(name: $0.name) ?? $0.value) })
    }

    /// Opens a stream and gives it to `body`.
    func withStream<Value: Sendable>(
        _ body: (NIOAsyncChannelInboundStream<Payload>, NIOAsyncChannelOutboundWriter<Payload>) async throws
            -> Value
    ) async throws -> Value {
        let stream = try await multiplexer.openStream { stream in
            stream.eventLoop.makeCompletedFuture { try Stream(wrappingChannelSynchronously: stream) }
        }
        return try await stream.executeThenClose(body)
    }

    /// Sends `data` in as many frames as there are elements, the last of which ends the stream.
    func call(
        _ data: [ByteBuffer], headers: HPACKHeaders = headers(), endStream: Bool = true
    ) async throws -> GRPCAnswer {
        try await withStream { inbound, outbound in
            try await outbound.write(.headers(.init(headers: headers, endStream: data.isEmpty && endStream)))
            for (index, bytes) in data.enumerated() {
                // An answer to the headers may have closed the stream meanwhile.
                try? await outbound.write(
                    .data(
                        .init(
                            data: .byteBuffer(bytes), endStream: index == data.count - 1 && endStream)))
            }
            return try await Self.answer(inbound)
        }
    }

    /// Reads to the end of the answer.
    static func answer(_ inbound: NIOAsyncChannelInboundStream<Payload>) async throws -> GRPCAnswer {
        var first: HPACKHeaders?
        for try await case .headers(let headers) in inbound {
            first = first ?? headers.headers
            guard headers.endStream else { continue }
            return GRPCAnswer(
                status: headers.headers.first(name: "grpc-status").flatMap { Int($0) },
                message: headers.headers.first(name: "grpc-message"), trailers: headers.headers,
                httpStatus: first?.first(name: ":status"))
        }
        return GRPCAnswer(status: nil, message: nil, trailers: [:], httpStatus: nil)
    }

    /// Closes it; one that the server has closed is closed.
    func close() async { try? await channel.close() }
}
