// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Android)
    import Android
#else
    import Darwin
#endif

/// What a detector may look at: environment variables and files.
public struct DetectionSurroundings: Sendable {
    /// Bytes of a file that are read at most; a larger file is an error. The mounts of a busy machine take some 100
    /// kB.
    public static let fileBytesMax = 1 << 20

    public var environment: [String: String]
    /// The folder that stands for `/`, without a slash at its end; empty for the machine's own.
    public var root: String

    public init(environment: [String: String], root: String = "") {
        self.environment = environment
        self.root = root
    }

    /// Whether these are of the machine that the program runs on, and not of a test's folder.
    public var isThisMachine: Bool { root.isEmpty }

    /// The value of the first of `names` that is set and not empty.
    public func variable(_ names: String...) -> String? { variable(names) }

    func variable(_ names: [String]) -> String? {
        names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }

    /// The text of a file, without white space at its ends; nil when there is none, or an empty one.
    ///
    /// Only ordinary files are read: a pipe or a device could make the program wait.
    /// - Parameters:
    ///   - path: absolute.
    ///   - bytesMax: a larger file is an error.
    /// - Returns: the text.
    /// - Throws: ``DetectionError`` when the file is there but cannot be read, or is too large.
    public func text(of path: String, bytesMax: Int = fileBytesMax) throws(DetectionError) -> String? {
        // O_NONBLOCK: opening a pipe without a writer would wait for one.
        let file = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw DetectionError("\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var information = stat()
        guard fstat(file, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            throw DetectionError("\(path) is no file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw DetectionError("\(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= bytesMax else {
                throw DetectionError("\(path) has more than \(bytesMax) bytes")
            }
        }
        let text = String(decoding: bytes, as: UTF8.self).trimmingWhitespace
        return text.isEmpty ? nil : String(text)
    }

    /// Where a symbolic link points to; nil when there is none.
    public func linkTarget(of path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
            return readlink(root + path, start, bytes.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}

extension StringProtocol {
    /// Without spaces, tabs and line ends at both ends.
    var trimmingWhitespace: SubSequence {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }
}
