// SPDX-License-Identifier: Apache-2.0

/// The names of headers, log metadata and settings whose values are secrets: the one list for all that is written.
package enum SecretNames {
    /// Key endings that name a secret, in lower case with `_` for `-`, `.` and space.
    private static let endings: [[UInt8]] = [
        "authorization", "password", "passwd", "passphrase", "secret", "token", "api_key", "apikey",
        "private_key", "access_key", "credential", "credentials", "cookie",
    ].map { Array($0.utf8) }

    private static let longestEnding = endings.reduce(0) { max($0, $1.count) }

    /// True for `authorization`, `X-Api-Key`, `http.request.header.cookie`, `db_password` and the
    /// like.
    package static func contains(_ name: String) -> Bool {
        let normalized = name.utf8.suffix(longestEnding).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " "): UInt8(ascii: "_")
            default: byte
            }
        }
        return endings.contains { normalized.ends(with: $0) }
    }
}

extension [UInt8] {
    fileprivate func ends(with other: [UInt8]) -> Bool {
        count >= other.count && suffix(other.count).elementsEqual(other)
    }
}
