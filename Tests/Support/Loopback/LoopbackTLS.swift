// SPDX-License-Identifier: Apache-2.0

import GRPCNIOTransportHTTP2
package import NIOSSL

/// Makes a loopback receiver speak TLS; the files are PEM.
package struct LoopbackTLS: Sendable {
    package var certificate: String
    package var key: String
    /// Clients must show a certificate of this authority; nil asks for none.
    package var clientAuthority: String?

    package init(certificate: String, key: String, clientAuthority: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.clientAuthority = clientAuthority
    }

    /// `protocols`: what is offered by ALPN.
    package func context(offering protocols: [String] = []) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.applicationProtocols = protocols
        if let clientAuthority {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .file(clientAuthority)
        }
        return try NIOSSLContext(configuration: configuration)
    }

    var grpc: HTTP2ServerTransport.Posix.TransportSecurity {
        .tls(
            certificateChain: [.file(path: certificate, format: .pem)],
            privateKey: .file(path: key, format: .pem)
        ) { tls in
            if let clientAuthority {
                tls.clientCertificateVerification = .noHostnameVerification
                tls.trustRoots = .certificates([.file(path: clientAuthority, format: .pem)])
            }
        }
    }
}
