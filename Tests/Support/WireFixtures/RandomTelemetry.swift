// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// Random telemetry that the wire can carry unchanged, the same for the same seed.
///
/// Ids are valid, numbers like to stand at the ends of their ranges, text has several scripts and control
/// characters.
package struct RandomTelemetry: Sendable {
    package var generator: SeededGenerator
    /// Members of each list, at most.
    package var listMax = 3
    /// Levels of arrays and maps, at most.
    package var depthMax = 3

    package init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    package mutating func resourceSpans() -> ResourceSpans {
        ResourceSpans(resource: resource(), scopeSpans: list { $0.scopeSpans() })
    }

    package mutating func scopeSpans() -> ScopeSpans { ScopeSpans(scope: scope(), spans: list { $0.span() }) }

    package mutating func resource() -> Resource {
        Resource(
            attributes: attributes(), droppedAttributesCount: count(), entityRefs: list { $0.entityRef() },
            schemaURL: rareText())
    }

    package mutating func entityRef() -> EntityRef {
        EntityRef(
            schemaURL: rareText(), type: text(), idKeys: list { $0.text() },
            descriptionKeys: list { $0.text() })
    }

    package mutating func scope() -> InstrumentationScope {
        InstrumentationScope(
            name: text(), version: rareText(), attributes: attributes(), droppedAttributesCount: count(),
            schemaURL: rareText())
    }

    package mutating func span() -> SpanData {
        SpanData(
            traceID: traceID(), spanID: spanID(), parentSpanID: generator.oneIn(3) ? nil : spanID(),
            traceState: generator.oneIn(4) ? "vendor=\(generator.below(100)),other=x" : "", flags: flags(),
            name: text(), kind: SpanKind.allCases.randomElement(using: &generator) ?? .internal,
            startTimeUnixNano: unsigned(), endTimeUnixNano: unsigned(), attributes: attributes(),
            droppedAttributesCount: count(), events: list { $0.event() }, droppedEventsCount: count(),
            links: list { $0.link() }, droppedLinksCount: count(), status: status())
    }

    package mutating func event() -> SpanEvent {
        SpanEvent(
            timeUnixNano: unsigned(), name: text(), attributes: attributes(), droppedAttributesCount: count())
    }

    package mutating func link() -> SpanLink {
        SpanLink(
            traceID: traceID(), spanID: spanID(), traceState: rareText(), attributes: attributes(),
            droppedAttributesCount: count(), flags: flags())
    }

    package mutating func resourceLogs() -> ResourceLogs {
        ResourceLogs(resource: resource(), scopeLogs: list { $0.scopeLogs() })
    }

    package mutating func scopeLogs() -> ScopeLogs {
        ScopeLogs(scope: scope(), logRecords: list { $0.logRecord() })
    }

    package mutating func logRecord() -> LogRecord {
        LogRecord(
            timeUnixNano: unsigned(), observedTimeUnixNano: unsigned(),
            severity: LogSeverity(rawValue: Int32(generator.below(30))), severityText: rareText(),
            body: value(), attributes: attributes(), droppedAttributesCount: count(), flags: flags(),
            traceID: generator.oneIn(3) ? nil : traceID(), spanID: generator.oneIn(3) ? nil : spanID(),
            eventName: rareText())
    }

    package mutating func status() -> SpanStatus {
        SpanStatus(
            code: SpanStatus.Code.allCases.randomElement(using: &generator) ?? .unset, message: rareText())
    }

    package mutating func attributes() -> Attributes {
        Attributes(list { Attribute(key: $0.text(), value: $0.value()) })
    }

    package mutating func value(depth: Int = 0) -> AttributeValue {
        switch generator.below(depth < depthMax ? 8 : 6) {
        case 0: .string(text())
        case 1: .bool(generator.oneIn(2))
        case 2: .int(Int64(bitPattern: unsigned()))
        case 3: .double(double())
        case 4: .bytes((0..<generator.below(40)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
        case 5: .empty
        case 6: .array(list { $0.value(depth: depth + 1) })
        default:
            .map(Attributes(list { Attribute(key: $0.text(), value: $0.value(depth: depth + 1)) }))
        }
    }

    package mutating func traceID() -> TraceID { TraceID(high: generator.next(), low: generator.next() | 1) }

    package mutating func spanID() -> SpanID { SpanID(value: generator.next() | 1) }

    package mutating func unsigned() -> UInt64 {
        switch generator.below(4) {
        case 0: [0, 1, 127, 128, 1 << 32, 1 << 53, 1 << 63, .max].randomElement(using: &generator) ?? 0
        case 1: UInt64(generator.below(300))
        default: generator.next() >> UInt64(generator.below(64))
        }
    }

    package mutating func double() -> Double {
        switch generator.below(4) {
        case 0:
            [
                0, -0.0, 0.1, 1e22, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity,
                .nan,
            ]
            .randomElement(using: &generator) ?? 0
        case 1: Double(generator.below(100_000)) / 100
        default: finite(Double(bitPattern: generator.next()))
        }
    }

    private func finite(_ value: Double) -> Double { value.isFinite ? value : 0.5 }

    package mutating func text() -> String {
        switch generator.below(6) {
        case 0: ""
        case 1: "http.request.method"
        case 2: "GET /api/v1/items/{id}?q=\"a\\b\""
        case 3: "größer \u{1F525} 漢字 \u{0}\u{1f}\n\t\u{7f}\u{2028}"
        case 4: String(repeating: "x", count: generator.below(200))
        default: "key.\(generator.below(50))"
        }
    }

    private mutating func rareText() -> String { generator.oneIn(3) ? text() : "" }

    private mutating func count() -> UInt32 {
        generator.oneIn(2) ? 0 : UInt32(truncatingIfNeeded: generator.next() >> UInt64(generator.below(64)))
    }

    private mutating func flags() -> UInt32 { generator.oneIn(2) ? 0x101 : UInt32(generator.below(1 << 10)) }

    private mutating func list<Element>(_ make: (inout RandomTelemetry) -> Element) -> [Element] {
        (0..<generator.below(listMax + 1)).map { _ in make(&self) }
    }
}
