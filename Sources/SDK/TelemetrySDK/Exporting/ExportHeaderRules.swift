// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Which headers a user may add to requests.
///
/// With any other, each request would fail before it is sent, or say of itself what is not so: it is refused before the
/// first one.
package enum ExportHeaderRules: Sendable {
    case http
    case grpc

    /// What is wrong with a header, reading on from it; nil when it may be sent. Never with what may be a secret.
    package func problem(name: String, value: String) -> String? {
        guard !name.isEmpty, name.utf8.allSatisfy(isAllowedInName) else {
            return "has a name that \(protocolName) does not allow"
        }
        // A line break would end the header and begin another one.
        guard value.utf8.allSatisfy(isAllowedInValue) else {
            return "has a value that \(protocolName) does not allow"
        }
        return isReserved(name.lowercased())
            ? "is the exporter's own" : nil
    }

    private var protocolName: String {
        switch self {
        case .http: "HTTP"
        case .grpc: "gRPC"
        }
    }

    private func isAllowedInName(_ byte: UInt8) -> Bool {
        switch self {
        // RFC 9110, "Field Names": a token.
        case .http: byte.isTokenCharacter
        // gRPC over HTTP/2, "Header-Name → 1*( %x30-39 / %x61-7A / "_" / "-" / ".")"; letters are written in lower
        // case by the exporter.
        case .grpc: byte.isTokenCharacter && !"!#$%&'*+^`|~".utf8.contains(byte)
        }
    }

    private func isAllowedInValue(_ byte: UInt8) -> Bool {
        switch self {
        // RFC 9110, "Field Values".
        case .http: byte == 0x09 || byte >= 0x20 && byte != 0x7f
        // gRPC over HTTP/2, "ASCII-Value → 1*( %x20-%x7E )".
        case .grpc: (0x20...0x7e).contains(byte)
        }
    }

    private func isReserved(_ name: String) -> Bool {
        switch self {
        case .http: Self.framing.contains(name) || name == "accept-encoding"
        // "Reserved-Header … Header-Names starting with "grpc-" but not listed here are reserved for future GRPC use".
        // RFC 9113, "Connection-Specific Header Fields": "An endpoint MUST NOT generate an HTTP/2 message containing
        // connection-specific header fields"; "Host" must not differ from the authority.
        case .grpc:
            Self.framing.contains(name) || Self.ofConnections.contains(name) || name.hasPrefix("grpc-")
        }
    }

    /// What says how a body is to be read, and what stands for the connection.
    private static let framing: Set<String> = [
        "content-length", "content-type", "content-encoding", "transfer-encoding", "te", "trailer", "upgrade",
    ]
    private static let ofConnections: Set<String> = ["connection", "keep-alive", "proxy-connection", "host"]
}
