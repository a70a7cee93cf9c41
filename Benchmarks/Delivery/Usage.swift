// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What this process uses.
enum Usage {
    /// A line of /proc/self/status that is in kB, in MiB.
    static func residentMebibytes(_ name: String) -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
        return (kibibytes ?? .nan) / 1024
    }

    /// Lets the highest use begin anew. proc(5): "5 … Reset the peak resident set size".
    static func forgetPeak() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        try? file.write(contentsOf: Data("5".utf8))
        try? file.close()
    }

    /// The calling thread, and the nanoseconds that it has waited for a processor.
    /// proc(5): `/proc/pid/schedstat`, "time spent waiting on a run queue".
    static var threadWait: (thread: pthread_t, nanoseconds: Double) {
        let text = (try? String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .utf8)) ?? ""
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        return (pthread_self(), numbers.count > 1 ? numbers[1] : 0)
    }

    /// Of all threads, user and system.
    static var cpuMicroseconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}
