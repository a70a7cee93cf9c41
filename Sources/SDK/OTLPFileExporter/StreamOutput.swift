// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetrySDK

/// A descriptor that the program was given, such as standard output: a terminal, a pipe, a file.
///
/// A reader who does not read must not hold a thread: what a pipe takes without waiting is written, the rest when
/// there is room again.
final class StreamOutput: LineOutput {
    /// Bytes that a pipe takes at once, and undivided, when it has room at all. Source: POSIX, `PIPE_BUF`, which is
    /// 4096 on Linux.
    private static let pieceBytes = 4_096
    /// Pause before a look whether there is room again.
    private static let pause = Duration.milliseconds(5)

    let name: String
    private let descriptor: Int32
    private let timeout: Duration
    private let time: RetryEnvironment
    /// The last line is not whole: the next one must not be taken for its end.
    private let endsInPieces = Atomic(false)

    init(descriptor: Int32, name: String, timeout: Duration, time: RetryEnvironment = .system) {
        self.descriptor = descriptor
        self.name = name
        self.timeout = timeout
        self.time = time
    }

    func write(_ line: [UInt8]) async throws(ExportError) {
        let bytes = endsInPieces.load(ordering: .relaxed) ? [UInt8(ascii: "\n")] + line : line
        var rest = bytes[...]
        let start = time.now()
        do {
            while !rest.isEmpty {
                let piece = rest.prefix(Self.pieceBytes)
                guard try SystemCalls.isWritable(descriptor), let written = try attempt(piece) else {
                    if timeout > .zero, time.now() - start >= timeout {
                        throw ExportError(
                            code: .timeout, endpoint: name, message: "nobody reads it, for \(timeout)")
                    }
                    try await time.sleep(Self.pause)
                    continue
                }
                rest = rest.dropFirst(written)
            }
            endsInPieces.store(false, ordering: .relaxed)
        } catch {
            if rest.count < bytes.count { endsInPieces.store(true, ordering: .relaxed) }
            throw switch error {
            case let error as ExportError: error
            case let error as SystemCalls.Failure:
                ExportError(code: .refused, endpoint: name, message: "cannot be written: \(error.text)")
            default: ExportError(code: .shutDown, endpoint: name, message: "the export was cancelled")
            }
        }
    }

    /// It belongs to the program.
    func close() async {}

    /// Nil when there was no room after all.
    private func attempt(_ piece: ArraySlice<UInt8>) throws(SystemCalls.Failure) -> Int? {
        do throws(SystemCalls.Failure) {
            return try SystemCalls.write(descriptor, piece)
        } catch {
            if error.wouldBlock { return nil }
            throw error
        }
    }
}
