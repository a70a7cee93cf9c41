// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Finished spans that wait for the span of this process under which they began. Time comes in, what is to be shown
/// goes out; no clock, no I/O.
struct WaitingSpans {
    struct Limits {
        /// Spans that wait at most; above, those of the trace that has waited longest are shown as they are.
        var spansMax = 4_096
        /// Longest wait for a local root.
        var wait = Duration.seconds(60)
        /// Longest wait of spans that ended after their local root was shown.
        var lateWait = Duration.seconds(1)
        /// Traces of which it is remembered that a local root was shown.
        var rememberedTracesMax = 256
    }

    /// Spans of one trace that are shown together.
    struct Group: Equatable {
        var spans: [SpanData]
        /// Of the program that made them; empty when unknown.
        var serviceName: String
        /// The first span is the local root of all the others.
        var isWhole: Bool
    }

    private struct Trace {
        var spans: [SpanData] = []
        var serviceName: String
        var deadline: Duration
    }

    private let limits: Limits
    private var traces: [TraceID: Trace] = [:]
    /// Traces whose local root was shown, oldest first.
    private var shown: [TraceID] = []
    private(set) var count = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    /// When ``expire(now:)`` has something to do; nil when nothing waits.
    var nextDeadline: Duration? { traces.values.map(\.deadline).min() }

    /// Takes a finished span; gives back what can be shown because of it.
    mutating func add(_ span: SpanData, serviceName: String, now: Duration) -> [Group] {
        guard !span.isLocalRoot else { return [whole(span, serviceName, now: now)] }
        let wait = shown.contains(span.traceID) ? limits.lateWait : limits.wait
        traces[span.traceID, default: Trace(serviceName: serviceName, deadline: now + wait)].spans.append(
            span)
        count += 1
        guard count > limits.spansMax, let longest = traces.min(by: { $0.value.deadline < $1.value.deadline })
        else { return [] }
        return take(longest.key)
    }

    /// What has waited long enough, oldest first.
    mutating func expire(now: Duration) -> [Group] {
        traces.filter { $0.value.deadline <= now }
            .sorted { ($0.value.deadline, $0.key.hex) < ($1.value.deadline, $1.key.hex) }
            .flatMap { take($0.key) }
    }

    /// Everything, oldest first.
    mutating func drain() -> [Group] { expire(now: .seconds(Int64.max / 2)) }

    /// The local root with all that wait under it.
    private mutating func whole(_ root: SpanData, _ serviceName: String, now: Duration) -> Group {
        guard let waiting = traces.removeValue(forKey: root.traceID) else {
            remember(root.traceID)
            return Group(spans: [root], serviceName: serviceName, isWhole: true)
        }
        var children: [SpanID: [Int]] = [:]
        for (index, span) in waiting.spans.enumerated() {
            if let parent = span.parentSpanID { children[parent, default: []].append(index) }
        }
        var members: Set<Int> = []
        var open = [root.spanID]
        while let parent = open.popLast() {
            for index in children[parent] ?? [] where members.insert(index).inserted {
                open.append(waiting.spans[index].spanID)
            }
        }
        // The others belong to another local root of the trace, or to a span that is still open.
        let others = waiting.spans.indices.filter { !members.contains($0) }.map { waiting.spans[$0] }
        if !others.isEmpty {
            traces[root.traceID] = Trace(
                spans: others, serviceName: waiting.serviceName, deadline: waiting.deadline)
        }
        count -= members.count
        remember(root.traceID)
        return Group(
            spans: [root] + members.sorted().map { waiting.spans[$0] }, serviceName: serviceName,
            isWhole: true)
    }

    private mutating func take(_ id: TraceID) -> [Group] {
        guard let trace = traces.removeValue(forKey: id) else { return [] }
        count -= trace.spans.count
        return [Group(spans: trace.spans, serviceName: trace.serviceName, isWhole: false)]
    }

    private mutating func remember(_ id: TraceID) {
        if shown.contains(id) { return }
        if shown.count == limits.rememberedTracesMax { shown.removeFirst() }
        shown.append(id)
    }
}

extension SpanData {
    /// Begins the part of its trace that this process has.
    fileprivate var isLocalRoot: Bool {
        // OTLP `trace.proto`, `Span.flags`: "Bits 8 and 9 represent the 3 states of whether a span's parent is remote";
        // both set: it is.
        parentSpanID == nil || flags & 0x300 == 0x300
    }
}
