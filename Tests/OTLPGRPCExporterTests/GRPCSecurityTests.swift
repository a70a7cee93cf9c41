// SPDX-License-Identifier: Apache-2.0

import Certificates
import ExportFixtures
import Loopback
import OTLPGRPCExporter
import TelemetrySDK
import Testing

@Suite("Export: OTLP/gRPC over TLS", .timeLimit(.minutes(1)))
struct GRPCSecurityTests {
    private let checks = SecurityChecks(.grpc)

    @Test(
        "an authority of one's own is trusted, by name and by address", arguments: ["localhost", "127.0.0.1"])
    func ownAuthority(host: String) async throws {
        let made = try await TestCertificates.make()
        let outcome = try await checks.export(
            to: made.server, host: host, with: .init(certificate: made.authority))
        #expect(outcome.result.rejected == 0)
        #expect(outcome.spanNames == ["secret"])
    }

    @Test("an unknown authority, another's name and a certificate whose time is over are refused")
    func refused() async throws {
        for outcome in try await checks.untrusted(TestCertificates.make()) {
            #expect(outcome.result.error?.code == .unreachable)
            #expect(outcome.requestCount == 0)
        }
    }

    @Test("a receiver that asks for a certificate is shown it, and refuses who has none")
    func mutual() async throws {
        let (without, with) = try await checks.mutual(TestCertificates.make())
        #expect(without.result.error?.code == .unreachable)
        #expect(without.requestCount == 0)
        #expect(with.result.rejected == 0)
        #expect(with.spanNames == ["secret"])
    }

    @Test("a file that cannot be used stops the making of the exporter, not the program")
    func badFile() {
        #expect(throws: InvalidEndpoint.self) { try checks.makeWithoutFile() }
    }
}
