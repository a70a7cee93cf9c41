// SPDX-License-Identifier: Apache-2.0

/// What stands before each message. Source: gRPC over HTTP/2, "Length-Prefixed-Message → Compressed-Flag Message-Length
/// Message".
package struct GRPCMessagePrefix: Hashable, Sendable {
    /// Bytes of a prefix.
    package static let count = 5

    /// Whether the message is in the encoding that `grpc-encoding` names.
    package var isCompressed: Bool
    /// Bytes of the message as it is sent.
    package var length: UInt32

    package init(isCompressed: Bool, length: UInt32) {
        self.isCompressed = isCompressed
        self.length = length
    }

    /// The first byte.
    package var flag: UInt8 { isCompressed ? 1 : 0 }

    /// All five: the flag, and the length, highest byte first.
    package var bytes: [UInt8] {
        [flag] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) }
    }
}
