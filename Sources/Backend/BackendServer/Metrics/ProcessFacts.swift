// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What the system knows of this process. Nil where it does not tell.
struct ProcessFacts: Sendable {
    var cpuSeconds: Double?
    var residentBytes: Int?
    var openFiles: Int?

    static func now() -> ProcessFacts {
        ProcessFacts(
            cpuSeconds: cpuSecondsNow(), residentBytes: residentBytesNow(), openFiles: openFilesNow())
    }

    private static func cpuSecondsNow() -> Double? {
        var usage = rusage()
        #if canImport(Glibc)
            guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        #else
            guard getrusage(RUSAGE_SELF, &usage) == 0 else { return nil }
        #endif
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// proc(5), /proc/pid/statm: the second number is the resident set, in pages.
    private static func residentBytesNow() -> Int? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, CInt(line.count), file) != nil else { return nil }
        let digits = line.drop { $0 != 0x20 }.dropFirst().prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return nil }
        let pages = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return pages * Int(sysconf(CInt(_SC_PAGESIZE)))
    }

    /// proc(5), /proc/pid/fd: an entry for each, and one for this look at them.
    private static func openFilesNow() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            // "." and "..".
            if entry.pointee.d_name.0 != 0x2e { count += 1 }
        }
        return count - 1
    }
}
