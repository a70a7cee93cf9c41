// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// How exporters introduce themselves.
package enum ExporterIdentity {
    /// OTLP exporter specification 1.60, "User Agent": "OTel-OTLP-Exporter-<language>/<version>", with an
    /// identifier of the distribution before it.
    package static let userAgent =
        "Contrail/\(ContrailVersion.current) OTel-OTLP-Exporter-Swift/\(ContrailVersion.current)"

    /// What requests with `headers` say: a configured `User-Agent` before the exporter's own, never instead of it.
    // OTLP exporter specification 1.60, "User Agent": "Exporters MAY expose a configuration option to add a product
    // identifier to the User-Agent header. The resulting User-Agent SHOULD include the exporter's default User-Agent
    // string. … Typically an exporter would *prepend* the given identifier to its own."
    package static func userAgent(with headers: [(String, String)]) -> String {
        (headers.filter { $0.0.lowercased() == "user-agent" && !$0.1.isEmpty }.map(\.1) + [userAgent])
            .joined(separator: " ")
    }

    /// Bytes of one request before compression; a batch above is not sent. OTLP 1.11.0 recommends 64 MiB to
    /// receivers.
    package static let requestBytesMax = 64 << 20
    /// Bytes of one response; a longer one is a failure that is not retried. OTLP 1.11.0 recommends 4 MiB.
    package static let responseBytesMax = 4 << 20
    /// Characters of a receiver's message that go into an error.
    package static let messageLengthMax = 300

    /// A receiver's own words, cut, and without any value of `headers` that it may have echoed.
    package static func safe(_ message: String, hiding headers: [(String, String)]) -> String {
        var text = message
        for (_, value) in headers where value.utf8.count >= 4 {
            // The scheme of an authorization ("Bearer …") is no secret; what follows it is.
            for part in [value] + value.split(separator: " ").map(String.init)
            where part.utf8.count >= 8 || part == value {
                text = text.split(separator: part, omittingEmptySubsequences: false).joined(separator: "…")
            }
        }
        return text.count > messageLengthMax ? "\(text.prefix(messageLengthMax))…" : text
    }
}
