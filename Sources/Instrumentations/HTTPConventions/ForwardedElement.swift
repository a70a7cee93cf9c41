// SPDX-License-Identifier: Apache-2.0

/// The first element of a `Forwarded` header (RFC 7239): what the proxy nearest to the client said.
package struct ForwardedElement: Hashable, Sendable {
    /// The client's node, with quotes taken off; may be `unknown` or an obfuscated name.
    package private(set) var client: String?
    package private(set) var host: String?
    package private(set) var scheme: String?

    /// Reads what it can; pairs that are no pairs are skipped.
    package init(_ header: some StringProtocol) {
        for pair in Self.firstElementPairs(Substring(header)) {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            let name = pair[..<equals].trimming(while: { $0 == " " || $0 == "\t" }).lowercased()
            let value = pair[pair.index(after: equals)...]
                .trimming(while: { $0 == " " || $0 == "\t" || $0 == "\"" })
            guard !value.isEmpty else { continue }
            switch name {
            case "for": client = String(value)
            case "host": host = String(value)
            case "proto": scheme = value.lowercased()
            default: break
            }
        }
    }

    private static func firstElementPairs(_ header: Substring) -> [Substring] {
        var pairs: [Substring] = []
        var start = header.startIndex
        var quoted = false
        for index in header.indices {
            switch header[index] {
            case "\"": quoted.toggle()
            case ";" where !quoted:
                pairs.append(header[start..<index])
                start = header.index(after: index)
            case "," where !quoted:
                return pairs + [header[start..<index]]
            default: break
            }
        }
        return pairs + [header[start...]]
    }
}
