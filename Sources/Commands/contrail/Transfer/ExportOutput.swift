// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import OTLPReceiver

#if canImport(CoreFoundation)
    // The members of `stat` are of this module or of libc's, whichever the compiler met first.
    internal import CoreFoundation
#endif

/// Where an export goes: standard output, a file that has its name only when it is whole, or what stands there and is
/// no file, such as a pipe or `/dev/null`, which must not be replaced by one.
struct ExportOutput: ~Copyable {
    private let path: String?
    private let handle: FileHandle?
    private let compression: Compression
    private var deflater: GzipDeflater?
    private let packer: ZstdPacker?
    /// What `path` is called until it is whole; nil when it is written as it stands.
    private let temporaryPath: String?

    init(path: String?, compression: Compression) throws(CommandFailure) {
        // Fails only without memory; the first write says so.
        packer = compression == .zstd ? try? ZstdPacker() : nil
        self.path = path
        self.compression = compression
        deflater = compression == .gzip ? GzipDeflater() : nil
        guard let path else {
            handle = nil
            temporaryPath = nil
            return
        }
        let temporaryPath = Self.isNoFile(path) ? nil : path + ".part"
        self.temporaryPath = temporaryPath
        let descriptor =
            if let temporaryPath {
                Foundation.open(
                    temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
            } else {
                Foundation.open(path, O_WRONLY | O_CLOEXEC)
            }
        guard descriptor >= 0 else {
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))).")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    mutating func write(_ bytes: [UInt8]) throws {
        switch compression {
        case .none: try put(bytes)
        case .gzip: try put(deflater?.deflate(bytes) ?? [])
        case .zstd:
            guard let packer else { throw CommandFailure("There is no memory left to compress.") }
            try put(packer.pack(bytes))
        }
    }

    /// To be called behind the last bytes.
    mutating func finish() throws {
        if let last = deflater?.deflate([], isLast: true) { try put(last) }
        if let last = try packer?.pack([], isLast: true) { try put(last) }
        guard let path, let handle else { return }
        do {
            // A pipe knows no such thing.
            if temporaryPath != nil { try handle.synchronize() }
            try handle.close()
        } catch {
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))).")
        }
        guard let temporaryPath else { return }
        guard rename(temporaryPath, path) == 0 else {
            throw CommandFailure("Cannot write \(path): \(String(cString: strerror(errno))).")
        }
    }

    /// Takes away what was begun.
    func discard() {
        if let temporaryPath { unlink(temporaryPath) }
    }

    /// Whether something stands at `path` that is not a file.
    private static func isNoFile(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT != S_IFREG
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
