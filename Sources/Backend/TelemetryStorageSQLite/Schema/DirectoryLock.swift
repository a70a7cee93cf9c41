// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps other processes off a data directory until it is released.
///
/// An advisory lock on a file of its own: the kernel lets go of it when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// For a process that uses the directory.
    init(directory: String) throws(StorageError) {
        let path = directory + "/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        self.descriptor = Mutex(descriptor)
        try take(
            LOCK_EX, of: directory,
            inUse: "another contrail uses this directory. Stop it, or give another --data-dir.")
    }

    /// For one that only looks, beside others that do. It writes nothing: where there is no file, as in a copy, nobody
    /// uses the directory.
    init(directory: String, lookingUnless inUse: String) throws(StorageError) {
        let path = directory + "/lock"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        let isThere = descriptor >= 0
        guard isThere || errno == ENOENT else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        self.descriptor = Mutex(isThere ? descriptor : nil)
        if isThere { try take(LOCK_SH, of: directory, inUse: inUse) }
    }

    private func take(_ kind: CInt, of directory: String, inUse: String) throws(StorageError) {
        try descriptor.withLock { (descriptor) throws(StorageError) in
            guard let open = descriptor, flock(open, kind | LOCK_NB) != 0 else { return }
            let reason = errno == EWOULDBLOCK ? inUse : String(cString: strerror(errno))
            _ = close(open)
            descriptor = nil
            throw .cannotOpen(path: directory, reason: reason)
        }
    }

    deinit { release() }

    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { _ = close(open) }
            descriptor = nil
        }
    }
}
