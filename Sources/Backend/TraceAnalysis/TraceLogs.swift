// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// The log records of one trace, by the span in which they were written.
package struct TraceLogs: Sendable {
    /// One record as it is shown.
    package struct Line: Hashable, Sendable {
        /// Nanoseconds since 1970 UTC.
        package var timeUnixNano: UInt64
        package var severity: LogSeverity
        package var text: String

        package init(timeUnixNano: UInt64, severity: LogSeverity, text: String) {
            self.timeUnixNano = timeUnixNano
            self.severity = severity
            self.text = text
        }
    }

    /// Lines of one span, earliest first; those without a span under ``SpanID/invalid``.
    private let bySpan: [SpanID: [Line]]

    /// `text` gives the words of a record.
    package init(_ resourceLogs: [ResourceLogs] = [], text: (LogRecord) -> String = { _ in "" }) {
        var bySpan: [SpanID: [Line]] = [:]
        for part in resourceLogs {
            for record in part.scopeLogs.flatMap(\.logRecords) {
                bySpan[record.spanID ?? .invalid, default: []].append(
                    Line(
                        timeUnixNano: record.effectiveTimeUnixNano, severity: record.severity,
                        text: text(record)))
            }
        }
        // Of one time in the order in which they came.
        self.bySpan = bySpan.mapValues { lines in
            lines.enumerated().sorted {
                ($0.element.timeUnixNano, $0.offset) < ($1.element.timeUnixNano, $1.offset)
            }.map(\.element)
        }
    }

    func lines(of span: SpanID) -> [Line] { bySpan[span] ?? [] }

    /// Those of no span, and of spans that are not among `spans`; earliest first.
    func lines(outside spans: Set<SpanID>) -> [Line] {
        bySpan.filter { !spans.contains($0.key) }.flatMap(\.value).sorted {
            $0.timeUnixNano < $1.timeUnixNano
        }
    }

    /// At most `count` of them, the gravest, earliest first; and how many are left out.
    static func chosen(_ lines: [Line], _ count: Int?) -> (lines: [Line], leftOut: Int) {
        guard let count, lines.count > count else { return (lines, 0) }
        let kept = lines.indices.sorted {
            (lines[$1].severity, $0) < (lines[$0].severity, $1)
        }.prefix(count).sorted()
        return (kept.map { lines[$0] }, lines.count - count)
    }
}
