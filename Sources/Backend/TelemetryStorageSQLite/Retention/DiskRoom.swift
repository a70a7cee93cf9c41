// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps the last of a disk for what makes room: to delete a block SQLite writes some pages too, and with no byte left
/// nothing could ever be deleted again.
struct DiskRoom: Sendable {
    /// Writes are refused below. Deleting and giving back what was deleted take less, step by step.
    static let bytesMin = 8 << 20

    /// For this user; nil when that cannot be known, as in memory.
    let bytesFree: @Sendable () -> Int?

    init(bytesFree: @escaping @Sendable () -> Int?) { self.bytesFree = bytesFree }

    init(directory: String?) {
        self.init { directory.flatMap { Self.bytesFree(in: $0) } }
    }

    /// To be called before every commit of what came.
    func require() throws(StorageError) {
        guard let free = bytesFree(), free < Self.bytesMin else { return }
        throw .unavailable(
            "the disk is full: \(free) bytes are left, and below \(Self.bytesMin) nothing more is stored, so that "
                + "what is too old can still be deleted")
    }

    static func bytesFree(in directory: String) -> Int? {
        var facts = statvfs()
        guard statvfs(directory, &facts) == 0 else { return nil }
        let (bytes, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
        return overflow ? .max : Int(clamping: bytes)
    }
}
