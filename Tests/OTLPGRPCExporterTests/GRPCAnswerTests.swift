// SPDX-License-Identifier: Apache-2.0

import ExportCompression
import GRPCWire
import NIOCore
import NIOHPACK
import TelemetrySDK
import Testing

@testable import OTLPGRPCExporter

@Suite("Export: answers of gRPC")
struct GRPCAnswerTests {
    private static let head: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]

    private static func framed(_ message: [UInt8], isCompressed: Bool = false) -> [UInt8] {
        GRPCMessagePrefix(isCompressed: isCompressed, length: UInt32(message.count)).bytes + message
    }

    /// The outcome of an answer with a body in pieces of `size` bytes.
    private func outcome(
        _ body: [UInt8], in size: Int = .max, head: HPACKHeaders = head, trailers: HPACKHeaders
    ) -> GRPCOutcome? {
        var reader = GRPCAnswerReader()
        if let early = reader.headers(head, isEnd: false) { return early }
        var rest = body[...]
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(piece.count)
            if let early = reader.data(ByteBuffer(bytes: piece), isEnd: false) { return early }
        }
        return reader.headers(trailers, isEnd: true)
    }

    @Test("a message may come in any number of frames", arguments: [1, 2, 5, 6, 100])
    func frames(size: Int) {
        let answer = outcome(Self.framed([1, 2, 3, 4]), in: size, trailers: ["grpc-status": "0"])
        #expect(answer == .answered([1, 2, 3, 4]))
    }

    @Test("a compressed message is read, and is not lost as one that nobody asked for")
    func compressed() throws {
        let message = [UInt8](repeating: 9, count: 5_000)
        let packed = Array(try #require(Gzip.compress(message)).readableBytesView)
        var head = Self.head
        head.add(name: "grpc-encoding", value: "gzip")
        let body = Self.framed(packed, isCompressed: true)
        #expect(outcome(body, in: 7, head: head, trailers: ["grpc-status": "0"]) == .answered(message))
    }

    @Test(
        "a message that grows over the limit, or is compressed in another way, is not read: the spans are taken"
    )
    func unreadable() throws {
        let long = [UInt8](repeating: 9, count: ExporterIdentity.responseBytesMax + 1)
        let packed = Array(try #require(Gzip.compress(long)).readableBytesView)
        for encoding in ["gzip", "br"] {
            var head = Self.head
            head.add(name: "grpc-encoding", value: encoding)
            let answer = outcome(
                Self.framed(packed, isCompressed: true), head: head, trailers: ["grpc-status": "0"])
            guard case .answeredInPart = answer else {
                Issue.record("\(encoding): \(String(describing: answer))")
                continue
            }
        }
    }

    @Test("an answer may be its trailers alone, with a coded message and details")
    func trailersOnly() {
        var reader = GRPCAnswerReader()
        let answer = reader.headers(
            [
                ":status": "200", "content-type": "application/grpc", "grpc-status": "14",
                "grpc-message": "50%25 full", "grpc-status-details-bin": "AQI",
            ], isEnd: true)
        #expect(answer == .refused(.unavailable, message: "50% full", details: [1, 2]))
    }

    @Test(
        "an answer of something that speaks HTTP alone has the code of its status, and is not read to its end",
        arguments: [(503, GRPCStatusCode.unavailable), (404, .unimplemented), (401, .unauthenticated)])
    func web(status: Int, code: GRPCStatusCode) {
        var reader = GRPCAnswerReader()
        let answer = reader.headers([":status": "\(status)", "content-type": "text/html"], isEnd: false)
        guard case .refused(code, _, _) = answer else {
            Issue.record("\(String(describing: answer))")
            return
        }
    }

    @Test("what is informational comes before the answer and is not it")
    func informational() {
        var reader = GRPCAnswerReader()
        #expect(reader.headers([":status": "103"], isEnd: false) == nil)
        #expect(reader.headers(Self.head, isEnd: false) == nil)
        #expect(reader.data(ByteBuffer(bytes: Self.framed([7])), isEnd: false) == nil)
        #expect(reader.headers(["grpc-status": "0"], isEnd: true) == .answered([7]))
    }

    @Test("an answer that ends without a status is UNKNOWN, and two messages are one too many")
    func broken() {
        var reader = GRPCAnswerReader()
        #expect(reader.headers(Self.head, isEnd: false) == nil)
        let ended = reader.data(ByteBuffer(bytes: Self.framed([7])), isEnd: true)
        guard case .refused(.unknown, _, _) = ended else {
            Issue.record("\(String(describing: ended))")
            return
        }
        let two = outcome(Self.framed([1]) + Self.framed([2]), trailers: ["grpc-status": "0"])
        #expect(two == .unreadable("the answer has more than one message"))
    }
}
