// SPDX-License-Identifier: Apache-2.0

import Certificates
import ExportSecurity
import NIOSSL
import TelemetrySDK
import Testing

@Suite("Export: files for TLS")
struct LoadedTLSTests {
    private func problem(_ files: OTLPTLSFiles) -> String? {
        do {
            _ = try LoadedTLS(files)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("good files are taken, and none leaves the system's trust; the name is always checked")
    func good() async throws {
        let made = try await TestCertificates.make()
        let loaded = try LoadedTLS(
            OTLPTLSFiles(
                certificate: made.authority, clientCertificate: made.client.certificate,
                clientKey: made.client.key))
        #expect(loaded.trustRoots != nil && loaded.identity != nil)
        #expect(loaded.configuration.certificateVerification == .fullVerification)
        #expect(loaded.configuration.minimumTLSVersion == .tlsv12)
        let empty = try LoadedTLS(OTLPTLSFiles())
        #expect(empty.trustRoots == nil && empty.identity == nil)
        #expect(empty.configuration.certificateVerification == .fullVerification)
    }

    @Test("a key that stands where its path belongs is not repeated")
    func pasted() {
        let pem = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"
        #expect(
            problem(.init(clientKey: pem)) == "tls.clientKey holds PEM where the path of a file is wanted")
    }

    @Test("each file that cannot be used is named, with what named it and what is wrong")
    func bad() async throws {
        let made = try await TestCertificates.make()
        let text = try made.file("text.pem", "no certificate")
        var files = OTLPTLSFiles(certificate: "/nowhere/ca.pem")
        files.settings.certificate = "OTEL_EXPORTER_OTLP_CERTIFICATE"
        #expect(
            problem(files)
                == "OTEL_EXPORTER_OTLP_CERTIFICATE: /nowhere/ca.pem cannot be read: No such file or directory"
        )
        #expect(problem(.init(certificate: text)) == "tls.certificate: \(text) holds no certificate in PEM")
        #expect(problem(.init(certificate: "/"))?.contains("cannot be read") == true)
        #expect(
            problem(.init(clientKey: made.client.key))
                == "tls.clientKey: \(made.client.key) is a key without tls.clientCertificate")
        #expect(
            problem(.init(clientCertificate: made.client.certificate))
                == "tls.clientCertificate: \(made.client.certificate) is a certificate without tls.clientKey")
        #expect(
            problem(.init(clientCertificate: made.client.certificate, clientKey: text))
                == "tls.clientKey: \(text) holds no private key, or one with a password")
        #expect(
            problem(.init(clientCertificate: text, clientKey: made.client.key))
                == "tls.clientCertificate: \(text) holds no certificate in PEM")
        #expect(
            problem(.init(clientCertificate: made.client.certificate, clientKey: made.server.key))?
                .hasPrefix("tls.clientKey: \(made.server.key) is not the key of tls.clientCertificate")
                == true)
    }
}
