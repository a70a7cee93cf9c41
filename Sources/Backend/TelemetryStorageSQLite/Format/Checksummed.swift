// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// Short parts that are kept as they are, with a checksum behind them: zeros and stray bits in them would read as
/// something else, and what they lead to would not be found.
enum Checksummed {
    /// Bytes that it adds.
    static let byteCount = 8

    /// `bytes`, and the checksum of them behind `others`, which are kept elsewhere.
    static func sealed(_ bytes: [UInt8], besides others: [UInt8] = []) -> [UInt8] {
        var out = ByteWriter()
        out.reserve(bytes.count + byteCount)
        out.raw(bytes)
        out.fixed64(checksum(others, bytes))
        return out.bytes
    }

    /// What was sealed; nil when it is not that any more.
    static func opened(_ sealed: [UInt8], besides others: [UInt8] = []) -> [UInt8]? {
        guard sealed.count >= byteCount else { return nil }
        let bytes = Array(sealed.dropLast(byteCount))
        var input = ByteReader(sealed, from: bytes.count, to: sealed.count)
        guard (try? input.fixed64()) == checksum(others, bytes) else { return nil }
        return bytes
    }

    private static func checksum(_ others: [UInt8], _ bytes: [UInt8]) -> UInt64 {
        others.isEmpty ? Section.checksum(bytes[...]) : Section.checksum((others + bytes)[...])
    }
}
