// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// A span of swift-distributed-tracing that is not recorded: carries its own context, and the application's values
/// that were in the context it started in.
final class DroppedSpan: SpanCore {
    /// One that is not even a span: hands its parent's context on.
    static func make(passingOn parent: SpanCore?, _ serviceContext: ServiceContext) -> DroppedSpan {
        var identity = SpanIdentity(traceHigh: 0, traceLow: 0, spanID: 0, flags: 0)
        if let parent {
            let known = parent.identity.pointee
            identity = SpanIdentity(
                traceHigh: known.traceHigh, traceLow: known.traceLow, spanID: known.spanID, flags: known.flags
            )
            identity.isRemote = known.isRemote
            identity.set(parent.traceState)
        }
        return make(identity, serviceContext)
    }

    @inline(__always)
    static func make(_ identity: SpanIdentity, _ serviceContext: ServiceContext) -> DroppedSpan {
        // The layout is another package's. A constant: nothing is left of it when it holds.
        precondition(MemoryLayout<ServiceContext>.alignment <= MemoryLayout<UInt64>.alignment)
        let words = (MemoryLayout<ServiceContext>.size + 7) / MemoryLayout<UInt64>.size
        // Safety: create makes an instance of the class it is called on.
        let span = unsafeDowncast(create(minimumCapacity: words) { _ in identity }, to: DroppedSpan.self)
        span.place.initialize(to: serviceContext)
        return span
    }

    private var place: UnsafeMutablePointer<ServiceContext> {
        // Safety: make(_:_:) has made room for it.
        withUnsafeMutablePointerToElements {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: ServiceContext.self)
        }
    }

    var serviceContext: ServiceContext { place.pointee }

    deinit { place.deinitialize(count: 1) }
}
