// SPDX-License-Identifier: Apache-2.0

/// The files that an https endpoint needs when the system's trust is not enough; all in PEM.
///
/// They are read when the exporter is made. Source: OpenTelemetry specification 1.60, "OpenTelemetry Protocol
/// Exporter".
public struct OTLPTLSFiles: Hashable, Sendable {
    /// Certificates of the authorities that the receiver's own is checked against, in place of the system's.
    public var certificate: String?
    /// The certificate that the program shows to the receiver, with those between it and its authority.
    public var clientCertificate: String?
    /// The private key to ``clientCertificate``, without a password.
    public var clientKey: String?
    /// Who named the files, for errors.
    package var settings = Settings()

    /// Names three files; nil is none.
    public init(certificate: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil) {
        self.certificate = certificate
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
    }

    /// What each path was read from: a variable, or the name in code.
    package struct Settings: Hashable, Sendable {
        package var certificate = "tls.certificate"
        package var clientCertificate = "tls.clientCertificate"
        package var clientKey = "tls.clientKey"
    }
}

extension OTLPTLSFiles {
    /// Nil for what may be the path of a file. Some put the certificate or the key itself where its path belongs: no
    /// message may repeat it.
    package static func problem(ofPath path: String) -> String? {
        path.contains("-----BEGIN") || path.contains(where: \.isNewline)
            ? "holds PEM where the path of a file is wanted" : nil
    }
}
