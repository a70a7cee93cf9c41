// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One port on every address of a host: `localhost` is 127.0.0.1 and ::1, and whoever was told the name may
/// come to either.
struct ListeningPort {
    let sockets: [ListeningSocket]
    /// The port in use, also when zero was asked for.
    let port: Int

    /// How often another free port is tried when the one that the first address got is taken on the next.
    private static let triesMax = 20

    init(host: String, port: Int) throws(ListeningSocket.Failure) {
        try self.init(addresses: try Self.addresses(of: host), port: port)
    }

    /// Listens on all of `addresses` that this machine has; fails when it has none of them, or when the port
    /// is taken on one.
    init(addresses: [SocketAddress], port: Int) throws(ListeningSocket.Failure) {
        sockets = try Self.listen(on: addresses, port: port, tries: port == 0 ? Self.triesMax : 1)
        self.port = sockets.first?.port ?? port
    }

    private static func listen(
        on addresses: [SocketAddress], port: Int, tries: Int
    ) throws(ListeningSocket.Failure) -> [ListeningSocket] {
        do throws(ListeningSocket.Failure) {
            return try listen(on: addresses, port: port)
        } catch {
            guard error == .taken, tries > 1 else { throw error }
            return try listen(on: addresses, port: port, tries: tries - 1)
        }
    }

    private static func listen(
        on addresses: [SocketAddress], port: Int
    ) throws(ListeningSocket.Failure) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        var missing = ListeningSocket.Failure.noSuchAddress("the host name has no address")
        for address in addresses {
            var address = address
            address.port = sockets.first?.port ?? port
            do throws(ListeningSocket.Failure) {
                sockets.append(try ListeningSocket(on: address))
            } catch {
                // Names stand for ::1 also where IPv6 is switched off.
                guard case .noSuchAddress = error else { throw error }
                missing = error
            }
        }
        guard !sockets.isEmpty else { throw missing }
        return sockets
    }

    /// All addresses of a name, each once, in the system's order of preference.
    private static func addresses(of host: String) throws(ListeningSocket.Failure) -> [SocketAddress] {
        if let address = try? SocketAddress(ipAddress: host, port: 0) { return [address] }
        var hints = addrinfo()
        #if canImport(Glibc)
            hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else {
            throw .other("the host name cannot be resolved")
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = SocketAddress(entry), !addresses.contains(address) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }
}

extension SocketAddress {
    /// Nil for another family than IPv4 and IPv6.
    fileprivate init?(_ entry: addrinfo) {
        guard let address = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            self = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
        case AF_INET6:
            self = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
        default: return nil
        }
    }
}
