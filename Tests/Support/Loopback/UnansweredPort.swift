// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A port of 127.0.0.1 that is taken, so that nobody else gets it, and on which nobody listens: connections
/// to it are refused as long as this value lives.
package final class UnansweredPort: Sendable {
    package struct Failure: Error {
        package let errorNumber: Int32
    }

    private let descriptor: Int32
    package let number: Int

    package init() throws {
        #if canImport(Glibc)
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (descriptor, length)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) != 0 || getsockname(descriptor, $0, &length) != 0
            }
        }
        number = Int(UInt16(bigEndian: address.sin_port))
        if failed { throw Failure(errorNumber: errno) }
    }

    deinit { close(descriptor) }
}
