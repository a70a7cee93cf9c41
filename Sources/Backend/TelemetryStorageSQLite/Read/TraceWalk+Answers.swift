// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

extension TraceWalk {
    /// Those spans of the trace whose places in it are `wanted`, the others only counted; nil when nothing is stored
    /// of it.
    mutating func trace(_ id: TraceID, spans wanted: Range<Int>) throws(StorageError) -> TraceExcerpt? {
        var assembly = TraceAssembly()
        var damage: StorageError?
        var count = 0
        var bytes = 0
        var end: Int?
        try spans(of: id) { (walk, place) throws(StorageError) in
            defer { count += 1 }
            guard wanted.contains(count), end == nil else { return true }
            do throws(StorageError) {
                let span = try walk.span(at: place, of: id)
                bytes += span.textBytes
                assembly.add(span, from: place, walk.origins(of: place))
                if bytes >= TraceExcerpt.bytesMax { end = count + 1 }
            } catch {
                guard case .damaged(let what) = error else { throw error }
                walk.note(what, at: place)
                damage = error
            }
            return true
        }
        // What can be read of the rest is shown.
        if let damage, assembly.result == nil { throw damage }
        guard count > 0 else { return nil }
        return TraceExcerpt(
            resourceSpans: assembly.result ?? [], spanCount: count, end: end ?? min(wanted.upperBound, count))
    }

    /// The summary of a trace; nil when nothing is stored of it.
    mutating func summary(of id: TraceID) throws(StorageError) -> TraceSummary? {
        var builder = SummaryBuilder(id)
        try spans(of: id) { (walk, place) throws(StorageError) in
            builder.add(place.row, try walk.operation(of: place))
            return true
        }
        return builder.summary
    }
}
