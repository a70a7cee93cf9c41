// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A small file, read whole.
enum File {
    /// Bytes of a file of certificates; a longer one is refused as a slip. The bundles of systems have 300 KiB.
    static let bytesMax = 4 << 20
    private static let pieceBytes = 16 << 10

    static func read(_ path: String, named setting: String) throws(InvalidEndpoint) -> [UInt8] {
        func problem(_ text: String) -> InvalidEndpoint { InvalidEndpoint("\(setting): \(path) \(text)") }
        guard let file = fopen(path, "rb") else {
            throw problem("cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        while true {
            let count = fread(&piece, 1, pieceBytes, file)
            guard count > 0 else { break }
            bytes.append(contentsOf: piece.prefix(count))
            guard bytes.count <= bytesMax else { throw problem("is longer than \(bytesMax) bytes") }
        }
        guard ferror(file) == 0 else {
            throw problem("cannot be read: \(String(cString: strerror(errno)))")
        }
        return bytes
    }
}
