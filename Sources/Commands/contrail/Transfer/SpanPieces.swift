// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel

/// Spans that were read, cut into requests of a good size.
enum SpanPieces {
    /// Spans of one request: enough that the request costs little, few enough that a refused one is small.
    static let spansMax = 2_000

    static func spanCount(_ batch: [ResourceSpans]) -> Int {
        batch.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
    }

    /// The same spans in the same order, at most `spansMax` in a piece. Resources and scopes are repeated in
    /// each piece that has spans of theirs.
    static func cut(_ batch: [ResourceSpans], spansMax: Int = spansMax) -> [[ResourceSpans]] {
        guard spanCount(batch) > spansMax else { return [batch] }
        var pieces: [[ResourceSpans]] = []
        var piece: [ResourceSpans] = []
        var room = spansMax
        for resourceSpans in batch {
            var part = resourceSpans
            part.scopeSpans = []
            for scopeSpans in resourceSpans.scopeSpans {
                var rest = scopeSpans.spans[...]
                while !rest.isEmpty {
                    var some = scopeSpans
                    some.spans = Array(rest.prefix(room))
                    rest = rest.dropFirst(room)
                    room -= some.spans.count
                    part.scopeSpans.append(some)
                    if room == 0 {
                        pieces.append(piece + [part])
                        (piece, part.scopeSpans, room) = ([], [], spansMax)
                    }
                }
            }
            if !part.scopeSpans.isEmpty { piece.append(part) }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
