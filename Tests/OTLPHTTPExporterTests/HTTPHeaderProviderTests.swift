// SPDX-License-Identifier: Apache-2.0

import ExportFixtures
import TelemetrySDK
import Testing

@Suite("Export: headers that are renewed, over HTTP", .timeLimit(.minutes(1)))
struct HTTPHeaderProviderTests {
    private struct Secret: Error {
        let token = "token-three"
    }

    private let checks = HeaderProviderChecks(.http)

    @Test("a refused token is asked for anew and the batch sent once more; the next batch asks as usual")
    func renewed() async throws {
        let outcome = try await checks.export(times: 2, refusals: 1)
        #expect(outcome.results.map(\.rejected) == [0, 0])
        #expect(outcome.authorizations == ["Bearer token-one", "Bearer token-two", "Bearer token-two"])
        #expect(outcome.reasons == [.request, .refused, .request])
    }

    @Test("a receiver that refuses the new token too is asked no third time, and no token is told")
    func refusedTwice() async throws {
        let outcome = try await checks.export(times: 1, refusals: 2)
        let error = try #require(outcome.results.first?.error)
        #expect(error.code == .refused)
        #expect(outcome.requestCount == 2)
        #expect(!"\(error)".contains("token-two"))
    }

    @Test("without a provider a refused token is not sent again")
    func noProvider() async throws {
        let outcome = try await checks.export(times: 1, refusals: 1, provides: false)
        #expect(outcome.results.first?.error?.code == .refused)
        #expect(outcome.authorizations == ["Bearer configured"])
    }

    @Test("a provider that throws fails the export, by its type alone, and nothing is sent")
    func throwing() async throws {
        let outcome = try await checks.export { _ in throw Secret() }
        let error = try #require(outcome.results.first?.error)
        #expect(error.code == .noHeaders)
        #expect(error.message.hasPrefix("the header provider threw Secret, after"))
        #expect(!"\(error)".contains("token-three"))
        #expect(outcome.requestCount == 0)
    }

    @Test("a provider that never answers costs no more than the timeout, and holds no shutdown up")
    func hanging() async throws {
        let (late, shutDown) = try await checks.exportWithHangingProvider()
        #expect(late.results.first?.error?.code == .noHeaders)
        #expect(shutDown.results.first?.error?.code == .shutDown)
        #expect(shutDown.requestCount == 0)
    }

    @Test(
        "a header with a line break is not sent", arguments: [("a\r\nb", "1"), ("a", "1\r\nb: 2"), ("", "1")])
    func lineBreak(name: String, value: String) async throws {
        let outcome = try await checks.export { _ in [name: value] }
        #expect(outcome.results.first?.error?.code == .noHeaders)
        #expect(outcome.requestCount == 0)
    }
}
