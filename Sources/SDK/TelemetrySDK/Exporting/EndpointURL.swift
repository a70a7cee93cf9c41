// SPDX-License-Identifier: Apache-2.0

import OTLPWire

/// The address of a receiver, read strictly: what is not understood is refused, not guessed.
public struct EndpointURL: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public enum Scheme: String, Sendable {
        case http
        case https
    }

    public let scheme: Scheme
    /// What stands before `@`; a secret.
    public let userInfo: String?
    /// A name or an address, IPv6 in brackets.
    public let host: String
    /// Nil when the address names none.
    public let port: Int?
    /// Empty, or beginning with `/`.
    public package(set) var path: String
    /// What stands behind `?`; may hold secrets.
    public let query: String?

    /// Reads `scheme://[user@]host[:port][/path][?query]`; a fragment is left out. Without a scheme it is
    /// `schemeIfMissing`, and nil when that is nil too. Throws what is wrong, reading on from the address.
    package init(_ text: String, schemeIfMissing: Scheme? = nil) throws(InvalidEndpoint) {
        func problem(_ text: String) -> InvalidEndpoint { InvalidEndpoint(text) }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw problem("has a space, a control character or one that is not ASCII")
        }
        var rest = text[...]
        if let separator = text.firstRange(of: "://") {
            guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else {
                throw problem("begins neither with http:// nor with https://")
            }
            self.scheme = scheme
            rest = text[separator.upperBound...]
        } else if let schemeIfMissing {
            scheme = schemeIfMissing
        } else {
            throw problem("begins neither with http:// nor with https://")
        }
        let whole = rest
        rest = rest.prefix { $0 != "#" }
        // A password with a # in it: what stands before would be taken for host and port.
        guard !whole[rest.endIndex...].contains("@") else { throw problem("has an @ behind a #") }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest[authority.endIndex...]
        let path = target.prefix { $0 != "?" }
        self.path = String(path)
        query = path.endIndex == target.endIndex ? nil : String(target[path.endIndex...].dropFirst())

        var hostAndPort = authority
        if let at = authority.lastIndex(of: "@") {
            userInfo = String(authority[..<at])
            hostAndPort = authority[at...].dropFirst()
        } else {
            userInfo = nil
        }
        let host: Substring
        if hostAndPort.hasPrefix("[") {
            guard let bracket = hostAndPort.firstIndex(of: "]") else { throw problem("has a [ without ]") }
            host = hostAndPort[...bracket]
        } else {
            host = hostAndPort.prefix { $0 != ":" }
        }
        guard !host.isEmpty, host != "[]" else { throw problem("has no host") }
        self.host = String(host)
        let afterHost = hostAndPort[host.endIndex...]
        switch afterHost.first {
        case nil: port = nil
        case ":":
            let digits = afterHost.dropFirst()
            guard digits.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(digits),
                (1...65_535).contains(number)
            else { throw problem("has a port that is no number from 1 to 65535") }
            port = number
        default: throw problem("has something between host and path that is no port")
        }
    }

    /// `http://host:port/path`
    package init(host: String, port: Int, path: String) {
        scheme = .http
        userInfo = nil
        self.host = host
        self.port = port
        self.path = path
        query = nil
    }

    /// The whole address, secrets included: what is dialled.
    public var url: String {
        scheme.rawValue + "://" + (userInfo.map { $0 + "@" } ?? "") + authority + path
            + (query.map { "?" + $0 } ?? "")
    }

    /// Scheme, host, port and path: what may be shown.
    public var description: String { scheme.rawValue + "://" + authority + path }

    /// What may be shown.
    public var customMirror: Mirror { Mirror(reflecting: description) }

    /// The host without the brackets of an IPv6 address: what is looked up.
    package var hostToDial: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }

    /// The header by which what stands before `@` is sent; nil without any. A secret.
    // RFC 7617, "The 'Basic' HTTP Authentication Scheme": user, a colon and password, in base64.
    package var basicAuthorization: String? {
        guard let userInfo else { return nil }
        let user = Self.percentDecoded(userInfo)
        return "Basic " + Base64.text(user.contains(UInt8(ascii: ":")) ? user : user + [UInt8(ascii: ":")])
    }

    /// What is no `%` with two digits stays.
    private static func percentDecoded(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(decoded)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }

    /// What a receiver may repeat of the address and nobody else may see: user and query, whole and in parts.
    package var secrets: [String] {
        let user = (userInfo ?? "").split(separator: ":")
        let parameters = (query ?? "").split(separator: "&").map { $0.drop { $0 != "=" }.dropFirst() }
        return [userInfo, query].compactMap(\.self) + (user + parameters).map(String.init)
    }

    private var authority: String { host + (port.map { ":\($0)" } ?? "") }

    /// What may be shown of an address that may be wrong: without query and fragment, and with an @ anywhere
    /// only the scheme, since a password may hold any of the marks that divide an address.
    package static func redacted(_ text: String) -> String {
        guard text.contains("@") else { return String(text.prefix { $0 != "?" && $0 != "#" }) }
        let scheme = text.firstRange(of: "://").map { text[..<$0.lowerBound].lowercased() } ?? ""
        return Scheme(rawValue: scheme).map { "\($0.rawValue)://…" } ?? "…"
    }
}

/// An endpoint that no exporter can send to.
public struct InvalidEndpoint: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, without the URL: it may hold secrets.
    public let description: String

    package init(_ description: String) { self.description = description }
}
