// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import TelemetrySDK
import Testing

@testable import ExportHTTP

@Suite("Export: answers over HTTP")
struct HTTPAnswerTests {
    private func answer(_ status: Int, _ headers: HTTPHeaders = [:]) -> HTTPAnswer {
        HTTPAnswer(status: HTTPResponseStatus(statusCode: status), headers: headers, body: nil)
    }

    @Test("each 2xx is taken, and nothing else", arguments: [200, 202, 204, 299])
    func taken(status: Int) {
        #expect(answer(status).isTaken)
        #expect(!answer(status + 100).isTaken)
        #expect(!answer(199).isTaken)
    }

    @Test("429, 502, 503 and 504 may be repeated, and nothing else")
    func retryable() {
        let retryable = (300..<600).filter { answer($0).failure(saying: "").isRetryable }
        #expect(retryable == [429, 502, 503, 504])
    }

    @Test("a failure tells the status, the receiver's words, and what it asks for")
    func failure() {
        let failure = answer(503, ["retry-after": "7"]).failure(saying: "too much")
        #expect(failure.code == .refused)
        #expect(failure.message == "HTTP 503: too much")
        #expect(failure.serverDelay == .seconds(7))
        #expect(!failure.isUnauthenticated)
        #expect(answer(500).failure(saying: "").message == "HTTP 500")
        #expect(answer(500).failure(saying: "").serverDelay == nil)
        #expect(answer(413).failure(saying: "").code == .tooLarge)
        #expect(answer(401).failure(saying: "").isUnauthenticated)
    }
}
