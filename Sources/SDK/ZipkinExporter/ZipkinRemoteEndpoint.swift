// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Whom a span called, as Zipkin draws it among the dependencies.
///
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry to Zipkin Transformation", "Remote endpoint".
struct ZipkinRemoteEndpoint: Equatable {
    var serviceName: String?
    var ipv4: String?
    var ipv6: String?
    var port: UInt64?

    /// "Ranking should control the selection order."
    private static let ranking: [(address: String, port: String?)] = [
        ("peer.service", nil), ("server.address", nil), ("net.peer.name", nil),
        ("network.peer.address", "network.peer.port"), ("server.socket.domain", nil),
        ("server.socket.address", "server.socket.port"), ("net.sock.peer.name", nil),
        ("net.sock.peer.addr", "net.sock.peer.port"), ("peer.hostname", nil), ("peer.address", nil),
        ("db.name", nil),
    ]

    /// Nil when the span calls nobody, or nobody that is known.
    init?(_ span: SpanData) {
        // "If Zipkin SpanKind resolves to either SpanKind.CLIENT or SpanKind.PRODUCER then the service SHOULD specify
        // remote endpoint"
        guard span.kind == .client || span.kind == .producer else { return nil }
        for (key, portKey) in Self.ranking {
            guard case .string(let address) = span.attributes[key], !address.isEmpty else { continue }
            guard let portKey else {
                serviceName = address
                return
            }
            // A socket of the file system has a path instead of an address.
            if address.contains(":"),
                address.utf8.allSatisfy({ Self.isHexadecimal($0) || ":.".utf8.contains($0) })
            {
                ipv6 = address
            } else if Self.isIPv4(address) {
                ipv4 = address
            } else {
                serviceName = address
            }
            // "should be combined with network.peer.port if it is also present"
            if case .int(let number) = span.attributes[portKey], (1...65_535).contains(number) {
                port = UInt64(number)
            }
            return
        }
        return nil
    }

    func write(to json: inout JSONText) {
        json.object { json in
            if let serviceName { json.member("serviceName", serviceName) }
            if let ipv4 { json.member("ipv4", ipv4) }
            if let ipv6 { json.member("ipv6", ipv6) }
            if let port { json.member("port", port) }
        }
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
