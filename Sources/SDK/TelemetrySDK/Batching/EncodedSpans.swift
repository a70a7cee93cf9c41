// SPDX-License-Identifier: Apache-2.0

@_spi(SpanPath) import OTLPWire
import TelemetryModel

/// A run of records within one chunk.
struct SpanSegment: Sendable {
    let chunk: SpanChunk
    var start: Int
    let end: Int
    var count: Int

    /// Its first records, as many as fit: where the next one starts, and how many they are.
    func part(countMax: Int, bytesMax: Int) -> (end: Int, count: Int) {
        var offset = start
        var taken = 0
        while taken < countMax, offset < end {
            let next = chunk.next(after: offset)
            guard next - start <= bytesMax else { break }
            offset = next
            taken += 1
        }
        return (offset, taken)
    }
}

/// Encoded spans, of whatever scopes and providers.
struct EncodedSpans: Sendable {
    let segments: [SpanSegment]
    let count: Int

    /// The spans of one scope within a request.
    private struct Group {
        let tracer: ScopedTracer
        /// Bytes of the spans, each with tag and length.
        var spansSize = 0
        /// Where the next span goes.
        var room: UnsafeMutableRawPointer?

        var size: Int { tracer.envelope.head.count + spansSize + tracer.envelope.tail.count }
    }

    /// Calls `body` with the tracer and the bytes of each span, in order.
    private func forEach(_ body: (_ tracer: UnsafeRawPointer, _ span: UnsafeRawBufferPointer) -> Void) {
        for segment in segments {
            let memory = UnsafeRawPointer(segment.chunk.memory)
            var offset = segment.start
            while offset < segment.end {
                let tracer = memory.loadUnaligned(fromByteOffset: offset, as: UnsafeRawPointer.self)
                let size = memory.loadUnaligned(fromByteOffset: offset + 8, as: Int.self)
                let start = offset + SpanChunk.recordHeadSize
                body(tracer, UnsafeRawBufferPointer(start: memory + start, count: size))
                offset = start + size
            }
        }
    }

    /// The spans as an OTLP `ExportTraceServiceRequest`: by resource and scope, each span's bytes copied once.
    /// Source: OTLP 1.11.0, `trace_service.proto`, `trace.proto`.
    func exportTraceServiceRequest() -> [UInt8] {
        var groups: [Group] = []
        var places: [UnsafeRawPointer: Int] = [:]
        var last: (tracer: UnsafeRawPointer, place: Int)?
        func place(of tracer: UnsafeRawPointer) -> Int {
            // Neighbours are mostly of one scope.
            if let last, last.tracer == tracer { return last.place }
            let place = places[tracer] ?? groups.count
            if place == groups.count {
                places[tracer] = place
                groups.append(Group(tracer: tracer.assumingMemoryBound(to: TracerFacts.self).owner))
            }
            last = (tracer, place)
            return place
        }
        forEach { tracer, span in
            groups[place(of: tracer)].spansSize += ProtobufBytes.lengthDelimitedSize(2, count: span.count)
        }
        let resources = Dictionary(grouping: groups.indices) { ObjectIdentifier(groups[$0].tracer.provider) }
            .values.sorted { $0[0] < $1[0] }
        let sizes = resources.map { scopes in
            let envelope = groups[scopes[0]].tracer.provider.envelope
            return scopes.reduce(envelope.head.count + envelope.tail.count) {
                $0 + ProtobufBytes.lengthDelimitedSize(2, count: groups[$1].size)
            }
        }
        let total = sizes.reduce(0) { $0 + ProtobufBytes.lengthDelimitedSize(1, count: $1) }
        return [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            var cursor = UnsafeMutableRawPointer(base)
            // All frames first, leaving room for the spans; then each span into its scope's room.
            for (scopes, size) in zip(resources, sizes) {
                ProtobufBytes.putTag(1, .lengthDelimited, at: &cursor)
                ProtobufBytes.putVarint(UInt64(size), at: &cursor)
                let envelope = groups[scopes[0]].tracer.provider.envelope
                envelope.head.withUnsafeBytes { ProtobufBytes.putBytes($0, at: &cursor) }
                for scope in scopes { Self.putFrame(&groups[scope], at: &cursor) }
                envelope.tail.withUnsafeBytes { ProtobufBytes.putBytes($0, at: &cursor) }
            }
            forEach { tracer, span in
                let place = place(of: tracer)
                guard var room = groups[place].room else { return }
                ProtobufBytes.putLengthDelimited(2, span, at: &room)
                groups[place].room = room
            }
            count = total
        }
    }

    private static func putFrame(_ group: inout Group, at cursor: inout UnsafeMutableRawPointer) {
        ProtobufBytes.putTag(2, .lengthDelimited, at: &cursor)
        ProtobufBytes.putVarint(UInt64(group.size), at: &cursor)
        group.tracer.envelope.head.withUnsafeBytes { ProtobufBytes.putBytes($0, at: &cursor) }
        group.room = cursor
        cursor += group.spansSize
        group.tracer.envelope.tail.withUnsafeBytes { ProtobufBytes.putBytes($0, at: &cursor) }
    }
}
