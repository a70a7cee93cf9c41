// SPDX-License-Identifier: Apache-2.0

private import CWebAssets
package import NIOCore

/// A file of `web/`, as it was when the program was built.
package struct WebAsset: Sendable {
    /// Relative to `web/`: `js/main.js`.
    package let path: String
    package let contentType: String
    package let bytes: ByteBuffer
    /// A strong validator with its quotes: it changes when a byte does.
    package let entityTag: String

    private init(_ asset: web_asset) {
        path = String(cString: asset.path)
        contentType = String(cString: asset.content_type)
        let contents = UnsafeRawBufferPointer(start: asset.bytes, count: asset.byte_count)
        bytes = ByteBuffer(bytes: contents)
        entityTag = "\"\(String(Self.hash(contents), radix: 16))-\(asset.byte_count)\""
    }

    /// All of them.
    package static func all() -> [WebAsset] {
        UnsafeBufferPointer(start: web_assets(), count: web_asset_count()).map(WebAsset.init)
    }

    /// FNV-1a, 64 bits: no secret depends on it.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
