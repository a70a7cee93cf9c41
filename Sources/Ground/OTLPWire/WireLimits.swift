// SPDX-License-Identifier: Apache-2.0

/// What a decoder takes from a peer; anything above is refused whole with a ``WireError``.
package struct WireLimits: Hashable, Sendable {
    /// Bytes of one encoded message. OTLP 1.11.0 recommends 64 MiB for requests.
    package var messageBytes = 64 << 20
    /// Messages inside messages. An array in an array takes two levels, a map in a map three. Values of 64
    /// levels, the SDK's limit, are read wherever they may stand: an attribute of an event, the deepest,
    /// takes 6 + 3 · 64.
    package var depth = 200
    /// Bytes that the decoded values may take, strings and bytes apart, which the size of the input bounds.
    /// Two bytes on the wire can make a whole span; without this limit 64 MiB of them would fill 8 GiB.
    package var decodedBytes = 1 << 30

    package init() {}

    /// The limits of a receiver.
    package static let `default` = WireLimits()

    /// For what a client reads. OTLP 1.11.0: clients "SHOULD limit the response size to 4 MiB".
    package static let response: WireLimits = {
        var limits = WireLimits()
        limits.messageBytes = 4 << 20
        return limits
    }()
}
