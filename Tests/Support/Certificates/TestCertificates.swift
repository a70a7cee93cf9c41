// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation

/// Certificates that live as long as this value, made by the `openssl` command; all for P-256 keys, in PEM.
package final class TestCertificates: Sendable {
    /// Paths of a certificate and its key.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    private let folder: TemporaryFolder
    /// The certificate of the authority that signed all the pairs.
    package let authority: String
    /// An authority that signed none of them.
    package let strangeAuthority: String
    /// For `localhost` and `127.0.0.1`, valid from now on for a day.
    package let server: Pair
    /// For `elsewhere.example` alone.
    package let wrongName: Pair
    /// As ``server``, but its time is over.
    package let expired: Pair
    /// What a client may show.
    package let client: Pair

    /// Makes them all: a tenth of a second.
    package static func make() async throws -> TestCertificates {
        let folder = try TemporaryFolder()
        func path(_ name: String) -> String { folder.url.appending(path: name).path() }
        func openssl(_ arguments: [String]) async throws {
            let program = try Program(
                executable: URL(filePath: "/usr/bin/env"), arguments: ["openssl"] + arguments)
            guard await program.exitCode() == 0 else {
                throw Failure(description: "openssl \(arguments.first ?? ""): \(program.errors)")
            }
        }
        func key(_ name: String) async throws {
            try await openssl([
                "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path("\(name).key"),
            ])
        }
        func authority(_ name: String) async throws -> String {
            try await key(name)
            try await openssl([
                "req", "-x509", "-new", "-key", path("\(name).key"), "-out", path("\(name).pem"), "-days",
                "1",
                "-subj", "/CN=Contrail test \(name)",
            ])
            return path("\(name).pem")
        }
        func pair(_ name: String, names: String, days: Int = 1) async throws -> Pair {
            try await key(name)
            try await openssl([
                "req", "-new", "-key", path("\(name).key"), "-out", path("\(name).csr"), "-subj",
                "/CN=\(name)",
                "-addext", "subjectAltName=\(names)",
            ])
            try await openssl([
                "x509", "-req", "-in", path("\(name).csr"), "-CA", path("authority.pem"), "-CAkey",
                path("authority.key"), "-copy_extensions", "copy", "-days", "\(days)", "-out",
                path("\(name).pem"),
            ])
            return Pair(certificate: path("\(name).pem"), key: path("\(name).key"))
        }
        let local = "DNS:localhost,IP:127.0.0.1"
        return TestCertificates(
            folder: folder, authority: try await authority("authority"),
            strangeAuthority: try await authority("stranger"), server: try await pair("server", names: local),
            wrongName: try await pair("elsewhere", names: "DNS:elsewhere.example"),
            expired: try await pair("expired", names: local, days: -1),
            client: try await pair("client", names: "DNS:client"))
    }

    private init(
        folder: TemporaryFolder, authority: String, strangeAuthority: String, server: Pair, wrongName: Pair,
        expired: Pair, client: Pair
    ) {
        self.folder = folder
        self.authority = authority
        self.strangeAuthority = strangeAuthority
        self.server = server
        self.wrongName = wrongName
        self.expired = expired
        self.client = client
    }

    /// A file beside the certificates.
    package func file(_ name: String, _ text: String) throws -> String {
        let url = folder.url.appending(path: name)
        try text.write(to: url, atomically: true, encoding: .utf8)
        return url.path()
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
