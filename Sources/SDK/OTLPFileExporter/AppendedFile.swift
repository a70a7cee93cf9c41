// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetrySDK

/// A file that lines are added to.
final class AppendedFile: LineOutput {
    private struct State {
        var descriptor: Int32?
        /// The last line is not whole: the next one must not be taken for its end.
        var endsInPieces = false
        /// No batch opens it again.
        var isClosed = false
    }

    let name: String
    private let path: String
    private let bytesMax: Int?
    private let filesMax: Int
    private let state = Mutex(State())

    init(path: String, bytesMax: Int?, filesMax: Int) {
        name = path
        self.path = path
        self.bytesMax = bytesMax
        self.filesMax = filesMax
    }

    deinit { state.withLock { $0.descriptor }.map(SystemCalls.close) }

    func write(_ line: [UInt8]) async throws(ExportError) {
        try state.withLock { state throws(ExportError) in
            guard !state.isClosed else {
                throw ExportError(
                    code: .shutDown, endpoint: name, message: "the exporter has been shut down")
            }
            guard SystemCalls.identity(path)?.isPipeOrSocket != true else {
                throw ExportError(
                    code: .unreachable, endpoint: name,
                    message: "is a pipe or a socket, not a file; standard output is named \"stdout\"")
            }
            let descriptor: Int32
            do throws(SystemCalls.Failure) {
                descriptor = try open(&state, room: line.count)
            } catch {
                throw ExportError(
                    code: .unreachable, endpoint: name, message: "cannot be opened: \(error.text)")
            }
            let bytes = state.endsInPieces ? [UInt8(ascii: "\n")] + line : line
            var rest = bytes[...]
            do throws(SystemCalls.Failure) {
                // One call takes a whole line, but for a disk that is full or a signal.
                while !rest.isEmpty { rest = rest.dropFirst(try SystemCalls.write(descriptor, rest)) }
            } catch {
                if rest.count < bytes.count { state.endsInPieces = true }
                throw ExportError(
                    code: .refused, endpoint: name, message: "cannot be written: \(error.text)")
            }
            state.endsInPieces = false
        }
    }

    func close() async {
        state.withLock { state in
            state.descriptor.map(SystemCalls.close)
            state.descriptor = nil
            state.isClosed = true
        }
    }

    private func open(_ state: inout State, room: Int) throws(SystemCalls.Failure) -> Int32 {
        if let descriptor = state.descriptor {
            let own = SystemCalls.identity(descriptor)
            let named = SystemCalls.identity(path)
            if let own, let named, own.isSameFile(as: named) {
                guard let bytesMax, own.size > 0, own.size + room > bytesMax else { return descriptor }
                try rotate()
            }
            // Somebody moved or deleted it, or it was just renamed.
            SystemCalls.close(descriptor)
            state.descriptor = nil
            state.endsInPieces = false
        } else if let bytesMax, let named = SystemCalls.identity(path), named.size > 0,
            named.size + room > bytesMax
        {
            try rotate()
        }
        let descriptor = try SystemCalls.openAppending(path)
        state.descriptor = descriptor
        return descriptor
    }

    /// `spans.jsonl` → `spans.jsonl.1` → … ; the last one is overwritten.
    private func rotate() throws(SystemCalls.Failure) {
        for number in stride(from: filesMax - 2, through: 1, by: -1) {
            // Most are not there yet.
            try? SystemCalls.rename("\(path).\(number)", to: "\(path).\(number + 1)")
        }
        try SystemCalls.rename(path, to: "\(path).1")
    }
}
