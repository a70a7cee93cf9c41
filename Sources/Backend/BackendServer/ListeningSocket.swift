// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A TCP socket that listens already, with nobody behind it yet: connections wait in its queue.
///
/// All ports are taken this way before anything else starts, so that a start either has all of them or leaves
/// no trace.
final class ListeningSocket: Sendable {
    enum Failure: Error, Hashable {
        case taken
        /// The machine does not have this address, or not this kind of address.
        case noSuchAddress(String)
        case other(String)
    }

    /// Nil when it was handed over.
    private let descriptor: Mutex<CInt?>
    /// The port in use, also when zero was asked for.
    let port: Int

    /// Connections that may wait to be accepted.
    private static let backlog: CInt = 256

    init(on address: SocketAddress) throws(Failure) {
        #if canImport(Glibc)
            let kind = CInt(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw Failure(errno) }
        do throws(Failure) {
            self.port = try Self.listen(on: address, with: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = Mutex(descriptor)
    }

    private static func listen(on address: SocketAddress, with descriptor: CInt) throws(Failure) -> Int {
        var yes: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        // Without it a port stays taken for a minute after the last connection on it was closed.
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        // A child process must not keep the port.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let bound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        guard bound == 0 else { throw Failure(errno) }
        guard Self.listen(descriptor) == 0 else { throw Failure(errno) }
        return try portInUse(of: descriptor)
    }

    private static func listen(_ descriptor: CInt) -> CInt {
        #if canImport(Glibc)
            Glibc.listen(descriptor, backlog)
        #elseif canImport(Musl)
            Musl.listen(descriptor, backlog)
        #else
            Darwin.listen(descriptor, backlog)
        #endif
    }

    private static func portInUse(of descriptor: CInt) throws(Failure) -> Int {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return CInt(-1)
            }
            return getsockname(descriptor, address, &size)
        }
        guard result == 0 else { throw Failure(errno) }
        // The port stands at the same place in both address families, highest byte first.
        return withUnsafeBytes(of: storage) { bytes in Int(bytes[2]) << 8 | Int(bytes[3]) }
    }

    /// Hands the file descriptor over, once; the receiver closes it.
    func take() -> CInt {
        descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor ?? -1
        }
    }

    deinit {
        let open = descriptor.withLock { $0 }
        if let open { close(open) }
    }
}

extension ListeningSocket.Failure {
    fileprivate init(_ code: CInt) {
        let reason = String(cString: strerror(code))
        self =
            switch code {
            case EADDRINUSE: .taken
            case EADDRNOTAVAIL, EAFNOSUPPORT: .noSuchAddress(reason)
            default: .other(reason)
            }
    }
}

extension SocketAddress {
    fileprivate var isIPv6: Bool { self.protocol == .inet6 }
}
