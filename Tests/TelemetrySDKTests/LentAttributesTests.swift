// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// `span.attributes` is changed in place: whoever changes it may be suspended meanwhile.
@Suite("Attributes that are being changed by a suspended task")
struct LentAttributesTests {
    /// Holds a task until it is let go.
    final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, isReached: Bool, waiter: CheckedContinuation<Void, Never>?)>(
            (false, false, nil))

        var isReached: Bool { state.withLock { $0.isReached } }

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    state.isReached = true
                    if !state.isOpen { state.waiter = continuation }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiter = state.withLock { state in
                state.isOpen = true
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    static func fill(_ attributes: inout SpanAttributes, _ gate: Gate) async {
        attributes["before"] = 1
        await gate.pass()
        attributes["after"] = 1
    }

    /// Runs `body` while a task is suspended in the middle of changing the attributes of `span`.
    func whileLent(
        _ span: any Tracing.Span, _ body: @escaping @Sendable (any Tracing.Span) -> Void
    ) async {
        span.attributes["first"] = 1
        let gate = Gate()
        let filling = Task.detached { [span] in await Self.fill(&span.attributes, gate) }
        #expect(await eventually { gate.isReached })
        // Both on the thread of the task that is suspended, maybe, and surely on another.
        await Task.detached { [span] in body(span) }.value
        gate.open()
        await filling.value
    }

    @Test("what others set meanwhile is kept, through both APIs, and wins", .timeLimit(.minutes(1)))
    func setMeanwhile() async throws {
        let telemetry = TestTelemetry()
        let span = telemetry.tracer.startSpan("span")
        await whileLent(span) { span in
            span.attributes["other"] = 2
            span.attributes["first"] = 2
            span.context.span?.setAttribute("api", 2)
            span.context.span?.setAttribute("before", 2)
        }
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        let expected: Attributes = ["first": 2, "before": 2, "after": 1, "other": 2, "api": 2]
        #expect(data.attributes.count == expected.count)
        for attribute in expected { #expect(data.attributes[attribute.key] == attribute.value) }
    }

    @Test("replacing all meanwhile replaces all that there was", .timeLimit(.minutes(1)))
    func replacedMeanwhile() async throws {
        let telemetry = TestTelemetry()
        let span = telemetry.tracer.startSpan("span")
        await whileLent(span) { $0.attributes = ["only": 2] }
        span.end()
        #expect(try #require(telemetry.finishedSpans.first).attributes == ["only": 2])
    }

    @Test(
        "an end meanwhile takes effect with its own time when the attributes come back",
        .timeLimit(.minutes(1)))
    func endedMeanwhile() async throws {
        let clock = ManualClock(unixNano: 1_000_000_000)
        let telemetry = TestTelemetry(clock: clock)
        let span = telemetry.tracer.startSpan("span")
        await whileLent(span) { span in
            clock.advance(by: .milliseconds(3))
            span.end()
            #expect(!span.isRecording)
            span.end()
            span.attributes["late"] = 1
            clock.advance(by: .milliseconds(3))
            #expect(telemetry.finishedSpans.isEmpty)
        }
        let data = try #require(telemetry.finishedSpans.first)
        #expect(telemetry.finishedSpans.count == 1)
        #expect(data.durationNano == 3_000_000)
        #expect(data.attributes.count == 3)
        #expect(data.attributes["first"] == 1 && data.attributes["after"] == 1)
    }

    @Test("a conversion that ends the span itself loses nothing", .timeLimit(.minutes(1)))
    func endedWithin() throws {
        struct Ending: SpanAttributeConvertible, @unchecked Sendable {
            let span: any Tracing.Span
            func toSpanAttribute() -> SpanAttribute {
                span.attributes["inner"] = 1
                span.end()
                return 2
            }
        }
        let telemetry = TestTelemetry()
        let span = telemetry.tracer.startSpan("span")
        span.attributes["first"] = 1
        func change(_ attributes: inout SpanAttributes) { attributes["outer"] = Ending(span: span) }
        change(&span.attributes)
        let data = try #require(telemetry.finishedSpans.first)
        #expect(telemetry.finishedSpans.count == 1)
        #expect(data.attributes["first"] == 1 && data.attributes["outer"] == 2)
        #expect(data.attributes["inner"] == 1)
    }

    @Test("a dictionary filled over the limit in one go keeps what was there and counts the rest")
    func filledOverTheLimit() throws {
        let telemetry = TestTelemetry(limits: SpanLimits(attributeCount: 2))
        let span = telemetry.tracer.startSpan("span")
        span.attributes["a"] = 1
        span.attributes["b"] = 1
        func change(_ attributes: inout SpanAttributes) {
            for index in 0..<5 { attributes["new.\(index)"] = index }
            attributes["a"] = 2
        }
        change(&span.attributes)
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes.count == 2)
        #expect(data.attributes["a"] == 2 && data.attributes["b"] == 1)
        #expect(data.droppedAttributesCount == 5)
    }
}
