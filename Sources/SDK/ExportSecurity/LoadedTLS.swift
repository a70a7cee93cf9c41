// SPDX-License-Identifier: Apache-2.0

package import NIOSSL
package import TelemetrySDK

/// The files of `OTLPTLSFiles`, read and checked: what both transports encrypt with.
package struct LoadedTLS: Sendable {
    /// Certificates of authorities, PEM; nil is those of the system.
    package let trustRoots: [UInt8]?
    /// What the program shows of itself; nil is nothing.
    package let identity: Identity?

    /// A certificate chain and the private key to it, PEM.
    package struct Identity: Sendable {
        package let certificateChain: [UInt8]
        package let key: [UInt8]
    }

    /// For clients; at least TLS 1.2, and the receiver's name is always checked.
    package let configuration: TLSConfiguration

    /// Reads the files.
    ///
    /// - Throws: What is wrong, with the setting and the path: a file that cannot be read, one without a certificate
    ///   or key, one without its other half, two that do not belong together.
    package init(_ files: OTLPTLSFiles) throws(InvalidEndpoint) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        let settings = files.settings
        for (path, setting) in [
            (files.certificate, settings.certificate),
            (files.clientCertificate, settings.clientCertificate), (files.clientKey, settings.clientKey),
        ] {
            // Before any error that names the path.
            if let problem = path.flatMap(OTLPTLSFiles.problem(ofPath:)) {
                throw InvalidEndpoint("\(setting) \(problem)")
            }
        }
        trustRoots = try files.certificate.map { (path) throws(InvalidEndpoint) in
            let bytes = try File.read(path, named: settings.certificate)
            configuration.trustRoots = .certificates(
                try Self.certificates(bytes, of: path, named: settings.certificate))
            return bytes
        }
        switch (files.clientCertificate, files.clientKey) {
        case (nil, nil): identity = nil
        case (nil, let key?):
            throw InvalidEndpoint(
                "\(settings.clientKey): \(key) is a key without \(settings.clientCertificate)")
        case (let certificate?, nil):
            throw InvalidEndpoint(
                "\(settings.clientCertificate): \(certificate) is a certificate without \(settings.clientKey)"
            )
        case (let certificate?, let key?):
            let identity = Identity(
                certificateChain: try File.read(certificate, named: settings.clientCertificate),
                key: try File.read(key, named: settings.clientKey))
            configuration.certificateChain = try Self.certificates(
                identity.certificateChain, of: certificate, named: settings.clientCertificate
            ).map { .certificate($0) }
            guard let privateKey = try? NIOSSLPrivateKey(bytes: identity.key, format: .pem) else {
                throw InvalidEndpoint(
                    "\(settings.clientKey): \(key) holds no private key, or one with a password")
            }
            configuration.privateKey = .privateKey(privateKey)
            self.identity = identity
        }
        self.configuration = configuration
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            // All parts were good by themselves.
            throw InvalidEndpoint(
                identity == nil
                    ? "\(settings.certificate): \(files.certificate ?? "") cannot be used: \(error)"
                    : "\(settings.clientKey): \(files.clientKey ?? "") is not the key of "
                        + "\(settings.clientCertificate): \(files.clientCertificate ?? "")")
        }
    }

    private static func certificates(
        _ bytes: [UInt8], of path: String, named setting: String
    ) throws(InvalidEndpoint) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty else {
            throw InvalidEndpoint("\(setting): \(path) holds no certificate in PEM")
        }
        return certificates
    }
}
