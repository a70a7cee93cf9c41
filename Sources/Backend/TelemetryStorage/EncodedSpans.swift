// SPDX-License-Identifier: Apache-2.0

/// Spans as they came over the wire: a whole `ExportTraceServiceRequest` in protobuf.
///
/// Whoever makes one has looked through it (`TraceRequestScan`): it is plain, every span has valid ids, and
/// `spanCount` is right. A store that reads it nevertheless checks each length.
package struct EncodedSpans: Hashable, Sendable {
    package let bytes: [UInt8]
    package let spanCount: Int

    package init(scanned bytes: [UInt8], spanCount: Int) {
        self.bytes = bytes
        self.spanCount = spanCount
    }
}
