// SPDX-License-Identifier: Apache-2.0

import Certificates
import ExportFixtures
import Loopback
import OTLPHTTPExporter
import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Export: OTLP/HTTP over TLS", .timeLimit(.minutes(1)))
struct HTTPSecurityTests {
    /// What an export to a receiver with this certificate comes to.
    private func export(
        to receiver: LoopbackOTLPReceiver, host: String = "localhost", _ files: OTLPTLSFiles
    ) async throws -> ExportResult {
        let time = FakeTime()
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: "https://\(host):\(receiver.port)/v1/traces", tls: files),
            policy: ExportRetryPolicy(),
            environment: time.environment)
        let result = await exporter.export(.sample("secret"))
        await exporter.shutdown()
        return result
    }

    @Test(
        "an authority of one's own is trusted, by name and by address", arguments: ["localhost", "127.0.0.1"])
    func ownAuthority(host: String) async throws {
        let made = try await TestCertificates.make()
        let receiver = try await LoopbackOTLPReceiver.start(
            tls: .init(certificate: made.server.certificate, key: made.server.key))
        #expect(
            try await export(to: receiver, host: host, .init(certificate: made.authority)).rejected == 0)
        #expect(receiver.spans.map(\.name) == ["secret"])
        await receiver.stop()
    }

    @Test("an unknown authority, another's name and a certificate whose time is over are refused")
    func refused() async throws {
        let made = try await TestCertificates.make()
        for (pair, authority) in [
            (made.server, made.strangeAuthority), (made.server, nil), (made.wrongName, made.authority),
            (made.expired, made.authority),
        ] {
            let receiver = try await LoopbackOTLPReceiver.start(
                tls: .init(certificate: pair.certificate, key: pair.key))
            let result = try await export(to: receiver, .init(certificate: authority))
            #expect(result.error?.code == .unreachable)
            #expect(receiver.requests.isEmpty)
            await receiver.stop()
        }
    }

    @Test("a receiver that asks for a certificate is shown it, and refuses who has none")
    func mutual() async throws {
        let made = try await TestCertificates.make()
        let receiver = try await LoopbackOTLPReceiver.start(
            tls: .init(
                certificate: made.server.certificate, key: made.server.key, clientAuthority: made.authority))
        let without = try await export(to: receiver, .init(certificate: made.authority))
        #expect(without.error?.code == .unreachable)
        #expect(receiver.requests.isEmpty)
        let with = try await export(
            to: receiver,
            .init(
                certificate: made.authority, clientCertificate: made.client.certificate,
                clientKey: made.client.key))
        #expect(with.rejected == 0)
        #expect(receiver.spans.map(\.name) == ["secret"])
        await receiver.stop()
    }

    @Test("a file that cannot be used stops the making of the exporter, not the program")
    func badFile() {
        #expect(throws: InvalidEndpoint.self) {
            try OTLPHTTPSpanExporter(
                .init(endpoint: "https://localhost:1/v1/traces", tls: .init(certificate: "/nowhere.pem")))
        }
    }
}
