// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where a log handler writes its lines.
public struct LogSink: Sendable {
    private let output: @Sendable ([UInt8]) -> Void
    /// True when a person reads along: colours make sense.
    public let isTerminal: Bool

    /// Gives each line, with its line break, to `output`; that is called from any thread.
    public init(isTerminal: Bool = false, _ output: @escaping @Sendable ([UInt8]) -> Void) {
        self.isTerminal = isTerminal
        self.output = output
    }

    /// Standard error of the process.
    public static let standardError = LogSink(fileDescriptor: 2)
    /// Standard output of the process.
    public static let standardOutput = LogSink(fileDescriptor: 1)

    private init(fileDescriptor: Int32) {
        let file = OpenFile(fileDescriptor)
        self.init(isTerminal: isatty(fileDescriptor) == 1) { file.write($0) }
    }

    func write(_ line: [UInt8]) { output(line) }
}

/// Writes whole lines: the lock keeps those of several threads apart when one write takes only a part.
private final class OpenFile: Sendable {
    private let descriptor: Mutex<Int32>

    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    func write(_ line: [UInt8]) {
        descriptor.withLock { descriptor in
            line.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
                    if written > 0 {
                        rest = rest.dropFirst(written)
                    } else if errno == EAGAIN {
                        // Somebody made the descriptor non-blocking: wait until it takes more.
                        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                        _ = poll(&ready, 1, 100)
                    } else if errno != EINTR {
                        // Nobody reads any more; a log line is no reason to stop.
                        return
                    }
                }
            }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
