// SPDX-License-Identifier: Apache-2.0

import ExportSecurity
import NIOCore
import NIOHTTP1
import TelemetrySDK
import Testing

@testable import ExportHTTP

@Suite("Export: one POST over HTTP")
struct HTTPPosterTests {
    private func message(_ url: String) async -> String {
        let poster = HTTPPoster(to: url)
        defer { Task { await poster.shutdown() } }
        guard
            case .failed(let failure) = await poster.post(
                ByteBuffer(string: "spans"), headers: ["authorization": "s3cret"], timeLeft: .seconds(20))
        else { return "answered" }
        #expect(failure.code == .unreachable)
        #expect(failure.isRetryable)
        return failure.message
    }

    @Test("where nobody listens, the error names host, port and reason, and no user, path or query")
    func refused() async {
        let message = await message("http://u:s3cret@127.0.0.1:1/s3cret?sig=s3cret")
        #expect(message == "no connection, or it was lost: 127.0.0.1:1: connection refused")
    }

    @Test("a name that nobody has is named, with what the resolver says")
    func unknownName() async {
        let message = await message("http://contrail.invalid:4318/?sig=s3cret")
        #expect(message.hasPrefix("no connection, or it was lost: contrail.invalid:4318: "))
        #expect(message.contains("the name cannot be resolved ("))
        #expect(!message.contains("s3cret"))
    }

    private struct Talkative: Error, CustomStringConvertible {
        var description: String { "POST /?sig=s3cret" }
    }

    @Test("of an error that nobody knows only the type is told")
    func unknownError() {
        #expect(ConnectionFailure.reasonOfHTTP(Talkative()) == "Talkative")
        #expect(
            ConnectionFailure.reasonOfHTTP(ChannelError.connectTimeout(.seconds(10)))
                == "no connection within 10000 ms")
        #expect(ConnectionFailure.reasonOfHTTP(ChannelError.ioOnClosedChannel) == "the connection was closed")
        let lost = "the connection was closed in the middle of an answer"
        #expect(ConnectionFailure.reasonOfHTTP(HTTPParserError.invalidEOFState) == lost)
    }
}
