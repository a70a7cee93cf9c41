// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The operating system's calls, repeated when a signal came between.
enum SystemCalls {
    struct Failure: Error {
        let number: Int32

        /// What the operating system says of it.
        var text: String {
            // Not strerror: its answer belongs to all threads.
            var buffer = [CChar](repeating: 0, count: 256)
            // The XSI form, which is what Swift sees on every system: zero, and the text in the buffer.
            guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
            return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }

        var wouldBlock: Bool { number == EAGAIN || number == EWOULDBLOCK }
    }

    /// What makes a file that file, whatever its name.
    struct Identity: Equatable {
        let device: UInt64
        let node: UInt64
        let size: Int
        /// Where a write may wait for a reader, or end the program when there is none.
        let isPipeOrSocket: Bool

        init(_ facts: stat) {
            device = UInt64(truncatingIfNeeded: facts.st_dev)
            node = UInt64(truncatingIfNeeded: facts.st_ino)
            size = Int(facts.st_size)
            let kind = facts.st_mode & S_IFMT
            isPipeOrSocket = kind == S_IFIFO || kind == S_IFSOCK
        }

        func isSameFile(as other: Identity) -> Bool { device == other.device && node == other.node }
    }

    /// Opens for adding at the end; makes the file when it is missing. Does not wait for the reader of a pipe.
    static func openAppending(_ path: String) throws(Failure) -> Int32 {
        // Others than the owner may read what the process' umask lets them.
        try repeated { open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666) }
    }

    /// Bytes that were written, at least one.
    static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) throws(Failure) -> Int {
        try repeated { bytes.withUnsafeBytes { systemWrite(descriptor, $0) } }
    }

    static func identity(_ descriptor: Int32) -> Identity? {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Identity(facts) : nil
    }

    static func identity(_ path: String) -> Identity? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Identity(facts) : nil
    }

    /// Whether the next small write would not wait. Fails when the reader of a pipe has gone: to write to it all the
    /// same would end the program by SIGPIPE.
    static func isWritable(_ descriptor: Int32) throws(Failure) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&ready, 1, 0) > 0 else { return false }
        if Int32(ready.revents) & Int32(POLLNVAL) != 0 { throw Failure(number: EBADF) }
        if Int32(ready.revents) & Int32(POLLERR) != 0 { throw Failure(number: EPIPE) }
        return true
    }

    static func rename(_ from: String, to: String) throws(Failure) {
        _ = try repeated { systemRename(from, to) }
    }

    static func close(_ descriptor: Int32) { systemClose(descriptor) }

    private static func repeated<Number: SignedInteger>(_ call: () -> Number) throws(Failure) -> Number {
        while true {
            let result = call()
            if result >= 0 { return result }
            let number = errno
            if number != EINTR { throw Failure(number: number) }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

private func systemRename(_ from: String, _ to: String) -> Int32 { rename(from, to) }

private func systemClose(_ descriptor: Int32) { _ = close(descriptor) }
