// SPDX-License-Identifier: Apache-2.0

@_spi(SpanPath) import OTLPWire
import Synchronization
import TelemetryModel

/// The scopes of one provider, each with its tracer.
final class ScopeTable: Sendable {
    private let tracers = Mutex<[InstrumentationScope: ScopedTracer]>([:])

    func tracer(for scope: InstrumentationScope, make: () -> ScopedTracer) -> ScopedTracer {
        tracers.withLock { tracers in
            if let known = tracers[scope] { return known }
            let tracer = make()
            tracers[scope] = tracer
            return tracer
        }
    }
}

/// The bytes around the spans of one scope or of one resource, as OTLP's `ScopeSpans` and `ResourceSpans` have them.
struct Envelope: Sendable {
    /// Field 1, `scope` or `resource`, with tag and length.
    let head: [UInt8]
    /// Field 3, `schema_url`; empty for none.
    let tail: [UInt8]

    init(_ scope: InstrumentationScope) {
        head = Self.field(1, OTLPProtobuf.encode(scope))
        tail = Self.field(3, Array(scope.schemaURL.utf8))
    }

    init(_ resource: Resource) {
        head = Self.field(1, OTLPProtobuf.encode(resource))
        tail = Self.field(3, Array(resource.schemaURL.utf8))
    }

    /// A length-delimited field; nothing for nothing, as proto3 leaves defaults out.
    private static func field(_ number: UInt32, _ content: [UInt8]) -> [UInt8] {
        guard !content.isEmpty else { return [] }
        let size = ProtobufBytes.lengthDelimitedSize(number, count: content.count)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            var cursor = UnsafeMutableRawPointer(base)
            content.withUnsafeBytes { ProtobufBytes.putLengthDelimited(number, $0, at: &cursor) }
            count = size
        }
    }
}
