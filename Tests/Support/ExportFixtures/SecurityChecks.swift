// SPDX-License-Identifier: Apache-2.0

package import Certificates
import Loopback
package import TelemetrySDK

/// What an exporter over TLS must do, whatever carries its requests.
package struct SecurityChecks: Sendable {
    /// What one export came to.
    package struct Outcome: Sendable {
        package var result: ExportResult
        package var requestCount: Int
        package var spanNames: [String]
    }

    private let transport: TransportUnderTest

    package init(_ transport: TransportUnderTest) { self.transport = transport }

    /// One export to a receiver that shows `pair`, and asks for a certificate of `clientAuthority`.
    package func export(
        to pair: TestCertificates.Pair, asking clientAuthority: String? = nil, host: String = "localhost",
        with files: OTLPTLSFiles
    ) async throws -> Outcome {
        let peer = try await transport.start(
            0, .init(certificate: pair.certificate, key: pair.key, clientAuthority: clientAuthority))
        let exporter = try transport.makeExporter(
            .init(endpoint: transport.endpoint(peer.port, scheme: "https", host: host), tls: files),
            FakeTime().environment)
        let result = await exporter.export(.sample("secret"))
        await exporter.shutdown()
        let outcome = Outcome(
            result: result, requestCount: peer.requestCount(), spanNames: peer.spanNames())
        await peer.stop()
        return outcome
    }

    /// Receivers that must not be trusted.
    package func untrusted(_ made: TestCertificates) async throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for (pair, authority) in [
            (made.server, made.strangeAuthority), (made.server, nil), (made.wrongName, made.authority),
            (made.expired, made.authority),
        ] {
            outcomes.append(try await export(to: pair, with: .init(certificate: authority)))
        }
        return outcomes
    }

    /// A receiver that asks for a certificate, and an exporter without and with one.
    package func mutual(_ made: TestCertificates) async throws -> (without: Outcome, with: Outcome) {
        (
            without: try await export(
                to: made.server, asking: made.authority, with: .init(certificate: made.authority)),
            with: try await export(
                to: made.server, asking: made.authority,
                with: .init(
                    certificate: made.authority, clientCertificate: made.client.certificate,
                    clientKey: made.client.key))
        )
    }

    /// An exporter whose authority's file is not there.
    package func makeWithoutFile() throws {
        _ = try transport.makeExporter(
            .init(
                endpoint: transport.endpoint(1, scheme: "https", host: "localhost"),
                tls: .init(certificate: "/nowhere.pem")
            ),
            .system)
    }
}
