// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Why a request came to no answer, in words for whoever reads the log.
///
/// Errors of known kinds are put into words. Of all others only the type is told: their own text may be a dump of
/// values, or hold the request's address, whose query may be a signature.
package enum ConnectionFailure {
    package static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError: reason(error)
        case let error as SocketAddressError.UnknownHost:
            "the name cannot be resolved (\(error.errorDescription))"
        case let error as IOError: reason(error)
        case ChannelError.connectTimeout(let time): "no connection within \(time.nanoseconds / 1_000_000) ms"
        case is ChannelError: "the connection was closed"
        case NIOSSLError.handshakeFailed(let error): reason(error)
        case NIOSSLError.uncleanShutdown: "the connection was closed without TLS having been"
        case let error as NIOSSLError: "TLS: \(error)"
        case let error as BoringSSLError: reason(error)
        case let error as NIOSSLExtraError: reason(error)
        default: "\(type(of: error))"
        }
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let lookup = error.dnsAError ?? error.dnsAAAAError { return reason(lookup) }
        // One for each of the name's addresses, which mostly say the same.
        var reasons: [String] = []
        for attempt in error.connectionErrors {
            let reason = reason(attempt.error)
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons.isEmpty ? "the name has no address" : reasons.joined(separator: "; ")
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET: "connection reset"
        case EPIPE: "the receiver closed the connection"
        case ETIMEDOUT: "no answer from the host"
        case EHOSTUNREACH, ENETUNREACH: "no way to the host"
        default: "\(error)"
        }
    }

    private static func reason(_ error: BoringSSLError) -> String {
        let errors: NIOBoringSSLErrorStack =
            switch error {
            case .sslError(let errors), .unknownError(let errors), .invalidSNIName(let errors),
                .failedToSetALPN(let errors):
                errors
            default: []
            }
        guard !errors.isEmpty else { return "TLS: \(error)" }
        return "TLS: " + errors.map { words("\($0)") }.joined(separator: "; ")
    }

    /// BoringSSL's own: `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at
    /// FILE:LINE`, of which the name says all.
    private static func words(_ text: String) -> String {
        guard let name = text.firstRange(of: "OPENSSL_internal:"), let place = text.firstRange(of: " at ")
        else {
            return text
        }
        guard name.upperBound < place.lowerBound else { return text }
        return text[name.upperBound..<place.lowerBound].replacing("_", with: " ").lowercased()
    }

    private static func reason(_ error: NIOSSLExtraError) -> String {
        if error == .failedToValidateHostname { return "TLS: the certificate is another host's" }
        let text = "\(error)"
        guard let colon = text.firstRange(of: ": ") else { return "TLS: \(text)" }
        return "TLS: \(text[colon.upperBound...])"
    }
}
