// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Numbers that are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

/// A time in 2026 from which fixtures count, nanoseconds since 1970.
let fixtureEpoch: UInt64 = 1_780_000_000_000_000_000

/// A plain span; start and duration in microseconds after ``fixtureEpoch``.
func span(
    _ trace: UInt64, _ id: UInt64, parent: UInt64? = nil, name: String = "work",
    kind: SpanKind = .internal, at start: UInt64 = 0, lasting duration: UInt64 = 100,
    status: SpanStatus.Code = .unset, _ attributes: Attributes = [:]
) -> SpanData {
    SpanData(
        traceID: TraceID(high: 1, low: trace), spanID: SpanID(value: id),
        parentSpanID: parent.map { SpanID(value: $0) }, name: name, kind: kind,
        startTimeUnixNano: fixtureEpoch + start * 1_000,
        endTimeUnixNano: fixtureEpoch + (start + duration) * 1_000,
        attributes: attributes, status: SpanStatus(code: status))
}

/// Spans of one service as they arrive together.
func batch(_ spans: [SpanData], of service: String? = "shop", _ attributes: Attributes = [:])
    -> [ResourceSpans]
{
    var all = attributes
    if let service { all["service.name"] = .string(service) }
    return [
        ResourceSpans(
            resource: Resource(attributes: all),
            scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "fixture"), spans: spans)])
    ]
}

func traceID(_ number: UInt64) -> TraceID { TraceID(high: 1, low: number) }

/// Random traces from a small vocabulary, so that random questions about them have answers.
struct RandomTraces {
    static let services: [String?] = ["gateway", "items", "pricing", "müller & söhne", nil]
    static let names = ["GET /items", "POST /items", "SELECT items", "quote", ""]
    static let methods = ["GET", "POST", "DELETE"]

    var numbers: SeededNumbers

    init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    /// Traces cut into batches: the spans of one trace come in any order and in several batches.
    mutating func batches(traces: Int, spansPerBatch: Int) -> [[ResourceSpans]] {
        var spans: [(service: Int, span: SpanData)] = []
        for _ in 0..<traces { spans += trace() }
        // Near neighbours change places: late spans, and traces that are split.
        for index in spans.indices {
            let other = min(spans.count - 1, index + Int.random(in: 0..<200, using: &numbers))
            spans.swapAt(index, other)
        }
        // Some arrive twice, later, as they were or changed: the first counts.
        for _ in 0..<spans.count / 25 {
            guard var again = spans.randomElement(using: &numbers) else { continue }
            if Bool.random(using: &numbers) {
                again.span.status = SpanStatus(code: again.span.status.code == .error ? .unset : .error)
                again.span.endTimeUnixNano = again.span.startTimeUnixNano + 1
                again.span.attributes = attributes()
            }
            let index = Int.random(in: spans.count / 2...spans.count, using: &numbers)
            spans.insert(again, at: index)
        }
        return stride(from: 0, to: spans.count, by: spansPerBatch).map { first in
            let part = spans[first..<min(first + spansPerBatch, spans.count)]
            return Dictionary(grouping: part, by: \.service).sorted { $0.key < $1.key }.flatMap {
                service, spans in
                TelemetryStorageFixture.batch(spans.map(\.span), service: service)
            }
        }
    }

    private mutating func trace() -> [(service: Int, span: SpanData)] {
        let id = TraceID(high: numbers.next(), low: numbers.next())
        let start = UInt64.random(in: 0..<600_000_000, using: &numbers)
        let count = Int.random(in: 1...12, using: &numbers)
        var ids: [UInt64] = []
        return (0..<count).map { index in
            let spanID = numbers.next() | 1
            defer { ids.append(spanID) }
            var parent = ids.randomElement(using: &numbers)
            // Some traces have lost their root.
            if index == 0 && Int.random(in: 0..<6, using: &numbers) == 0 { parent = numbers.next() | 1 }
            var span = span(
                0, spanID, parent: parent, name: Self.names.randomElement(using: &numbers) ?? "",
                kind: SpanKind.allCases.randomElement(using: &numbers) ?? .internal,
                at: start + UInt64.random(in: 0..<5_000_000, using: &numbers),
                lasting: 1 << UInt64.random(in: 0..<24, using: &numbers),
                status: Int.random(in: 0..<10, using: &numbers) == 0 ? .error : .unset, attributes())
            span.traceID = id
            for number in 0..<Int.random(in: 0..<3, using: &numbers) {
                span.events.append(
                    SpanEvent(
                        timeUnixNano: span.startTimeUnixNano + UInt64(number), name: "retry",
                        attributes: ["user.id": .int(.random(in: 0..<30, using: &numbers))]))
            }
            if Int.random(in: 0..<4, using: &numbers) == 0 {
                span.links.append(
                    SpanLink(
                        traceID: id, spanID: span.spanID,
                        attributes: ["cached": .bool(.random(using: &numbers))]))
            }
            // A clock that was set back.
            if Int.random(in: 0..<40, using: &numbers) == 0 {
                span.endTimeUnixNano = span.startTimeUnixNano - 7
            }
            return (Int.random(in: 0..<Self.services.count, using: &numbers), span)
        }
    }

    private mutating func attributes() -> Attributes {
        var attributes: Attributes = [
            "http.request.method": .string(Self.methods.randomElement(using: &numbers) ?? "")
        ]
        if Bool.random(using: &numbers) { attributes["user.id"] = .int(.random(in: 0..<30, using: &numbers)) }
        if Bool.random(using: &numbers) {
            attributes["ratio"] = .double(Double(Int.random(in: 1..<8, using: &numbers)) + 0.25)
        }
        if Bool.random(using: &numbers) { attributes["cached"] = .bool(.random(using: &numbers)) }
        return attributes
    }

    /// A question with some of the conditions.
    mutating func query() -> TraceQuery {
        var query = TraceQuery(limit: TraceQuery.limitMax)
        if chance(2) {
            query.service =
                (Self.services.randomElement(using: &numbers) ?? nil) ?? Resource.unknownServiceName
        }
        if chance(3) { query.operation = Self.names.randomElement(using: &numbers) }
        let time = fixtureEpoch + UInt64.random(in: 0..<600_000_000_000, using: &numbers)
        if chance(3) { query.startTimeMin = time }
        if chance(3) { query.startTimeMax = time + UInt64.random(in: 0..<300_000_000_000, using: &numbers) }
        let duration = UInt64(1_000) << UInt64.random(in: 0..<24, using: &numbers)
        if chance(3) { query.durationMin = duration }
        if chance(4) { query.durationMax = duration << UInt64.random(in: 0..<6, using: &numbers) }
        if chance(4) { query.status = chance(3) ? .unset : .error }
        if chance(3) { query.attributes.append(attribute()) }
        if chance(5) { query.attributes.append(attribute()) }
        return query
    }

    mutating func attribute() -> TraceQuery.AttributeCondition {
        switch Int.random(in: 0..<13, using: &numbers) {
        case 0: .init(key: "http.request.method", value: Self.methods.randomElement(using: &numbers) ?? "")
        case 1: .init(key: "user.id", value: "\(Int.random(in: 0..<32, using: &numbers))")
        case 2: .init(key: "ratio", value: "\(Int.random(in: 1..<8, using: &numbers)).25")
        case 3: .init(key: "cached", value: chance(2) ? "true" : "false")
        case 4: .init(key: "region", value: "eu-\(Int.random(in: 0..<6, using: &numbers))")
        case 5: .init(key: "user.id", comparison(), value: "\(Int.random(in: -1..<32, using: &numbers))")
        case 6:
            .init(key: "ratio", comparison(), value: "\(Double(Int.random(in: 0..<32, using: &numbers)) / 4)")
        case 7:
            .init(
                key: "user.id", comparison(), value: "\(Int.random(in: 0..<30, using: &numbers))", in: .event)
        case 8: .init(key: "user.id", value: "\(Int.random(in: 0..<30, using: &numbers))", in: .span)
        case 9: .init(key: "cached", value: chance(2) ? "true" : "false", in: .link)
        case 10: .init(key: "region", value: "eu-\(Int.random(in: 0..<6, using: &numbers))", in: .resource)
        case 11: .init(key: "region", value: "eu-1", in: .span)
        default: .init(key: "absent", value: "x")
        }
    }

    private mutating func comparison() -> TraceQuery.AttributeCondition.Comparison {
        .allCases.randomElement(using: &numbers) ?? .equal
    }

    private mutating func chance(_ oneIn: Int) -> Bool { Int.random(in: 0..<oneIn, using: &numbers) == 0 }
}

private enum TelemetryStorageFixture {
    static func batch(_ spans: [SpanData], service: Int) -> [ResourceSpans] {
        StorageContract.batch(spans, of: RandomTraces.services[service], ["region": .string("eu-\(service)")])
    }
}
