// SPDX-License-Identifier: Apache-2.0

import Certificates
import FaultyReceiver
import Loopback
import NIOSSL
import TelemetrySDK

/// What can be wrong when receiver and exporter show each other certificates.
enum TLSFault: String, CaseIterable {
    case none = "asks for a certificate and is shown one"
    case unknownAuthority = "shows a certificate of an authority that is not trusted"
    case wrongName = "shows a certificate of another host"
    case expired = "shows a certificate whose time is over"
    case noClientCertificate = "asks for a certificate and is shown none"

    /// The receiver's side.
    func context(_ made: TestCertificates, _ wire: FaultyReceiver.Wire) throws -> NIOSSLContext {
        let pair =
            switch self {
            case .none, .unknownAuthority, .noClientCertificate: made.server
            case .wrongName: made.wrongName
            case .expired: made.expired
            }
        let asks = self == .none || self == .noClientCertificate
        return try LoopbackTLS(
            certificate: pair.certificate, key: pair.key, clientAuthority: asks ? made.authority : nil
        ).context(offering: wire == .grpc ? ["h2"] : ["http/1.1"])
    }

    /// The exporter's.
    func files(_ made: TestCertificates) -> OTLPTLSFiles {
        switch self {
        case .none:
            .init(
                certificate: made.authority, clientCertificate: made.client.certificate,
                clientKey: made.client.key)
        case .unknownAuthority: .init(certificate: made.strangeAuthority)
        case .wrongName, .expired, .noClientCertificate: .init(certificate: made.authority)
        }
    }

    /// Rows of a table of faults. Tried again as any connection that does not come about: a certificate may be renewed.
    static func rows(saying says: String) -> [FaultCase] { rows { _ in says } }

    static func rows(saying says: (TLSFault) -> String) -> [FaultCase] {
        allCases.map { fault in
            FaultCase(
                fault.rawValue, [], fault == .none ? .delivered : .givenUp(says(fault), arrivals: 0),
                tls: fault)
        }
    }
}
