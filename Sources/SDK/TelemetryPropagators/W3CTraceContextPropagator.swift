// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// The headers `traceparent` and `tracestate`.
///
/// Reads every version that begins like version 00, writes version 00. A header that breaks the grammar
/// leaves the context as it was; a broken `tracestate` costs the trace state only. Nothing of a carrier is
/// ever logged. Source: W3C Trace Context Level 2.
public struct W3CTraceContextPropagator: TextMapPropagator {
    private static let parentHeader = "traceparent"
    private static let stateHeader = "tracestate"

    /// Bytes of a `tracestate`; a longer one is ignored. 32 members of 256 + 1 + 256 bytes with their commas
    /// need 16,447, the rest is room for white space and empty members.
    public static let stateBytesMax = 32_768

    /// Flags that Level 2 defines. "The behavior of other flags is not defined and is reserved for future
    /// use. Vendors MUST set those to zero."
    private static let knownFlags: TraceFlags = [.sampled, .random]

    public init() {}

    public var fields: [String] { [Self.parentHeader, Self.stateHeader] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        injector.inject(Self.headerValue(of: span), forKey: Self.parentHeader, into: &carrier)
        // "Vendors MUST accept empty tracestate headers but SHOULD avoid sending them."
        guard !span.traceState.isEmpty else { return }
        injector.inject(span.traceState.headerValue, forKey: Self.stateHeader, into: &carrier)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard var header = extractor.extract(key: Self.parentHeader, from: carrier),
            let parent = TraceParent(header: &header)
        else { return }
        context.spanContext = SpanContext(
            traceID: parent.traceID, spanID: parent.spanID,
            traceFlags: parent.flags.intersection(Self.knownFlags),
            // "failure to parse tracestate MUST NOT affect the parsing of traceparent"
            traceState: traceState(in: carrier, using: extractor), isRemote: true)
    }

    private func traceState<Carrier, Extract: Extractor>(
        in carrier: Carrier, using extractor: Extract
    ) -> TraceState where Extract.Carrier == Carrier {
        guard let header = extractor.extract(key: Self.stateHeader, from: carrier), !header.isEmpty,
            header.utf8.count <= Self.stateBytesMax
        else { return TraceState() }
        return TraceState(headerValue: header) ?? TraceState()
    }

    /// `00-{32 hex}-{16 hex}-{2 hex}`, built in one allocation.
    static func headerValue(of span: SpanContext) -> String {
        String(unsafeUninitializedCapacity: TraceParent.byteCount) { bytes in
            var writer = HexWriter(bytes: bytes)
            writer.write(0, digits: 2)
            writer.writeDash()
            writer.write(span.traceID.high, digits: 16)
            writer.write(span.traceID.low, digits: 16)
            writer.writeDash()
            writer.write(span.spanID.value, digits: 16)
            writer.writeDash()
            writer.write(UInt64(span.traceFlags.intersection(knownFlags).rawValue), digits: 2)
            return writer.count
        }
    }
}

/// Writes lower-case hexadecimal digits and dashes into a buffer that its maker has made large enough.
private struct HexWriter {
    let bytes: UnsafeMutableBufferPointer<UInt8>
    var count = 0

    init(bytes: UnsafeMutableBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func write(_ value: UInt64, digits: Int) {
        for digit in (0..<digits).reversed() {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(4 * digit)) & 0xf
            bytes[count] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble
            count += 1
        }
    }

    mutating func writeDash() {
        bytes[count] = UInt8(ascii: "-")
        count += 1
    }
}
