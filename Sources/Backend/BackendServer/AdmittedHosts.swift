// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// The names under which this server may be asked.
///
/// A page of somebody else can have its own name resolve to 127.0.0.1 (DNS rebinding) and then read what a
/// server without a login answers, as if it were its own. The Host field still carries that page's name.
/// Addresses are nobody's name, and RFC 6761, 6.3, keeps `localhost` and the names below it for loopback.
struct AdmittedHosts: Sendable {
    /// What the server was told to listen on, and the names it was told besides; in small letters.
    private let configured: Set<String>

    init(_ configured: [String]) { self.configured = Set(configured.map { $0.lowercased() }) }

    /// Whether to answer. `authority` is the Host field, with or without a port; nil when there is none, as
    /// in HTTP/1.0: no browser leaves it out.
    func admit(_ authority: String?) -> Bool {
        guard let authority else { return true }
        guard let name = Self.name(of: authority.lowercased()) else { return false }
        return name == "localhost" || name.hasSuffix(".localhost") || configured.contains(name)
            || Self.isAddress(name)
    }

    private static func isAddress(_ name: String) -> Bool {
        (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }

    /// Without port and brackets; nil for what is no authority.
    private static func name(of authority: String) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let name = String(authority[authority.index(after: authority.startIndex)..<end])
            guard name.contains(":"), isPort(authority[authority.index(after: end)...]) else { return nil }
            return isAddress(name) ? name : nil
        }
        let end = authority.firstIndex(of: ":") ?? authority.endIndex
        guard isPort(authority[end...]) else { return nil }
        return String(authority[..<end])
    }

    /// Nothing, or a colon and digits.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || text.first == ":" && text.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}
