// SPDX-License-Identifier: Apache-2.0

/// The parts of an `http` or `https` URL that exporters need.
package struct ExportEndpoint: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https
    }

    package let scheme: Scheme
    /// Without the brackets of an IPv6 address.
    package let host: String
    /// Nil when the URL names none.
    package let port: Int?
    /// Empty when the URL has none.
    package let path: String
    private let isBracketed: Bool

    /// Scheme, host, port and path: what may be logged. User and query may hold secrets and are left out.
    package var description: String {
        let name = isBracketed ? "[\(host)]" : host
        return "\(scheme.rawValue)://\(name)\(port.map { ":\($0)" } ?? "")\(path)"
    }

    /// Nil when `url` is not an absolute http or https URL with a host.
    package init?(_ url: String) {
        guard let separator = Self.range(of: "://", in: url),
            let scheme = Scheme(rawValue: url[..<separator.lowerBound].lowercased())
        else { return nil }
        let rest = url[separator.upperBound...]
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        var authority = rest[..<authorityEnd]
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        let hostEnd: String.Index
        if authority.first == "[" {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = String(authority[authority.index(after: authority.startIndex)..<bracket])
            hostEnd = authority.index(after: bracket)
            isBracketed = true
        } else {
            hostEnd = authority.firstIndex(of: ":") ?? authority.endIndex
            host = String(authority[..<hostEnd])
            isBracketed = false
        }
        guard !host.isEmpty else { return nil }
        let portText = authority[hostEnd...]
        if portText.isEmpty || portText == ":" {
            port = nil
        } else {
            guard portText.first == ":", let number = UInt16(portText.dropFirst()), number > 0 else {
                return nil
            }
            port = Int(number)
        }
        let pathEnd = rest[authorityEnd...].firstIndex { "?#".contains($0) } ?? rest.endIndex
        path = String(rest[authorityEnd..<pathEnd])
        self.scheme = scheme
    }

    private static func range(of text: String, in url: String) -> Range<String.Index>? {
        var index = url.startIndex
        while index < url.endIndex {
            if url[index...].hasPrefix(text) {
                return index..<url.index(index, offsetBy: text.count)
            }
            index = url.index(after: index)
        }
        return nil
    }
}

/// An endpoint that no exporter can send to.
public struct InvalidEndpoint: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, without the URL: it may hold secrets.
    public let description: String

    package init(_ description: String) { self.description = description }
}
