// SPDX-License-Identifier: Apache-2.0

import OTLPWire

/// The value of a header whose name ends with `-bin`. Source: gRPC over HTTP/2, "Binary-Header".
package enum GRPCBinaryHeader {
    /// "Implementations MUST accept padded and un-padded values and should emit un-padded values."
    package static func text(_ bytes: [UInt8]) -> String {
        let padded = Base64.text(bytes)
        return String(
            padded[..<(padded.lastIndex { $0 != "=" }.map(padded.index(after:)) ?? padded.startIndex)])
    }

    /// All values that one header holds: "a list of … values joined with ",""; nil in the place of one that is no
    /// base64.
    package static func values(_ text: some StringProtocol) -> [[UInt8]?] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            var part = part.drop { $0 == " " }
            while part.last == " " { part.removeLast() }
            return Base64.bytes(part)
        }
    }
}
