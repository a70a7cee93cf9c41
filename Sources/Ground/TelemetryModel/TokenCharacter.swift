// SPDX-License-Identifier: Apache-2.0

extension UInt8 {
    /// Whether the name of a header, or a key of baggage, may hold it. Source: RFC 9110, "Tokens", `tchar`.
    @inlinable package var isTokenCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e...0x60,
            0x7c, 0x7e:
            true
        default: false
        }
    }
}
