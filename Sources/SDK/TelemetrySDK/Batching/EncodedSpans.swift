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
        let memory = UnsafeRawPointer(chunk.memory)
        var offset = start
        var taken = 0
        while taken < countMax, offset < end {
            let size = memory.loadUnaligned(fromByteOffset: offset + 8, as: Int.self)
            let next = offset + SpanChunk.recordHeadSize + size
            guard next - start <= bytesMax else { break }
            offset = next
            taken += 1
        }
        return (offset, taken)
    }

    var records: SpanRecords {
        SpanRecords(
            position: UnsafeRawPointer(chunk.memory) + start, end: UnsafeRawPointer(chunk.memory) + end)
    }
}

/// Walks over the records of a segment, whose chunk has to stay alive meanwhile.
struct SpanRecords {
    var position: UnsafeRawPointer
    let end: UnsafeRawPointer

    /// The next span's tracer and bytes.
    @inline(__always)
    mutating func next() -> (tracer: UnsafeRawPointer, span: UnsafeRawBufferPointer)? {
        guard position < end else { return nil }
        let tracer = position.loadUnaligned(as: UnsafeRawPointer.self)
        let size = position.loadUnaligned(fromByteOffset: 8, as: Int.self)
        let start = position + SpanChunk.recordHeadSize
        position = start + size
        return (tracer, UnsafeRawBufferPointer(start: start, count: size))
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

    /// The scopes of a request in the order in which they first come.
    private struct Groups {
        var all: [Group] = []
        private var places: [UnsafeRawPointer: Int] = [:]

        init(_ segments: [SpanSegment]) {
            for segment in segments {
                var records = segment.records
                // Neighbours are mostly of one scope: summed up here, and looked up when it changes.
                var last: UnsafeRawPointer?
                var size = 0
                while let (tracer, span) = records.next() {
                    if tracer != last {
                        add(size, to: last)
                        last = tracer
                        size = 0
                    }
                    size += ProtobufBytes.lengthDelimitedSize(2, count: span.count)
                }
                add(size, to: last)
                // What the records say of themselves is read through raw pointers.
                withExtendedLifetime(segment.chunk) {}
            }
        }

        private mutating func add(_ size: Int, to tracer: UnsafeRawPointer?) {
            guard let tracer else { return }
            if let place = places[tracer] {
                all[place].spansSize += size
            } else {
                places[tracer] = all.count
                let owner = tracer.assumingMemoryBound(to: TracerFacts.self).owner
                all.append(Group(tracer: owner, spansSize: size))
            }
        }

        /// Writes each span into the room of its scope.
        mutating func putSpans(_ segments: [SpanSegment]) {
            for segment in segments {
                var records = segment.records
                var last: (tracer: UnsafeRawPointer, place: Int)?
                var room: UnsafeMutableRawPointer?
                while let (tracer, span) = records.next() {
                    if tracer != last?.tracer {
                        if let last { all[last.place].room = room }
                        guard let place = places[tracer] else { return }
                        room = all[place].room
                        last = (tracer, place)
                    }
                    guard var cursor = room else { return }
                    ProtobufBytes.putLengthDelimited(2, span, at: &cursor)
                    room = cursor
                }
                if let last { all[last.place].room = room }
                withExtendedLifetime(segment.chunk) {}
            }
        }
    }

    /// The spans as an OTLP `ExportTraceServiceRequest`: by resource and scope, each span's bytes copied once.
    /// Source: OTLP 1.11.0, `trace_service.proto`, `trace.proto`.
    func exportTraceServiceRequest() -> [UInt8] {
        var groups = Groups(segments)
        let resources = Dictionary(grouping: groups.all.indices) {
            ObjectIdentifier(groups.all[$0].tracer.provider)
        }
        .values.sorted { $0[0] < $1[0] }
        let sizes = resources.map { scopes in
            let envelope = groups.all[scopes[0]].tracer.provider.envelope
            return scopes.reduce(envelope.head.count + envelope.tail.count) {
                $0 + ProtobufBytes.lengthDelimitedSize(2, count: groups.all[$1].size)
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
                let envelope = groups.all[scopes[0]].tracer.provider.envelope
                envelope.head.withUnsafeBytes { ProtobufBytes.putBytes($0, at: &cursor) }
                for scope in scopes { Self.putFrame(&groups.all[scope], at: &cursor) }
                envelope.tail.withUnsafeBytes { ProtobufBytes.putBytes($0, at: &cursor) }
            }
            groups.putSpans(segments)
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
