// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import OTLPReceiver

/// Where an export goes: standard output, or a file that has its name only when it is whole.
struct ExportOutput: ~Copyable {
    private let path: String?
    private let handle: FileHandle?
    private let isGzip: Bool
    private var deflater: GzipDeflater?

    private var temporaryPath: String { (path ?? "") + ".part" }

    init(path: String?, gzip: Bool) throws(CommandFailure) {
        self.path = path
        isGzip = gzip
        deflater = gzip ? GzipDeflater() : nil
        guard let path else {
            handle = nil
            return
        }
        let descriptor = Foundation.open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))).")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    mutating func write(_ bytes: [UInt8]) throws {
        try put(isGzip ? deflater?.deflate(bytes) ?? [] : bytes)
    }

    /// To be called behind the last bytes.
    mutating func finish() throws {
        if let last = deflater?.deflate([], isLast: true) { try put(last) }
        guard let path, let handle else { return }
        do {
            try handle.synchronize()
            try handle.close()
        } catch {
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))).")
        }
        guard rename(temporaryPath, path) == 0 else {
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))).")
        }
    }

    /// Takes away what was begun.
    func discard() {
        if path != nil { unlink(temporaryPath) }
    }

    private func put(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        guard let handle else { return try Terminal.write(bytes) }
        do {
            try handle.write(contentsOf: Data(bytes))
        } catch {
            throw CommandFailure("Cannot write \(path ?? ""): \(String(cString: strerror(errno))).")
        }
    }
}
