// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Synchronization
import TelemetryModel
import Testing

@testable import TelemetrySDK

@Suite("Remote sampling")
struct RemoteSamplingTests {
    private func strategy(_ json: String) throws(RemoteSamplingError) -> RemoteSamplingStrategy {
        try RemoteSamplingStrategy(json: Array(json.utf8))
    }

    // Answers as Jaeger 2.14 and as its older agents give them.
    @Test(
        "answers of Jaeger are read, with the type as a name or as a number",
        arguments: [
            (
                #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.5}}"#,
                RemoteSamplingStrategy.probabilistic(0.5)
            ),
            (#"{"strategyType":0,"probabilisticSampling":{"samplingRate":0}}"#, .probabilistic(0)),
            (#"{"probabilisticSampling":{},"later":[{}]}"#, .probabilistic(0)),
            (
                #"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":5}}"#,
                .rateLimiting(5)
            ),
            (
                #"""
                {"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.1},
                 "operationSampling":{"defaultSamplingProbability":0.1,"defaultLowerBoundTracesPerSecond":0.5,
                 "perOperationStrategies":[{"operation":"GET /a","probabilisticSampling":{"samplingRate":1}},
                 {"operation":"GET /b"}]}}
                """#,
                .perOperation(.init(rates: ["GET /a": 1], standardRate: 0.1, tracesPerSecondMin: 0.5))
            ),
        ] as [(String, RemoteSamplingStrategy)])
    func reads(json: String, expected: RemoteSamplingStrategy) throws {
        #expect(try strategy(json) == expected)
    }

    @Test(
        "what is no strategy is refused with its place",
        arguments: [
            ("", "the answer is no sampling strategy: the input ends inside a value at byte 0"),
            ("<html>", "the answer is no sampling strategy: an object was expected at byte 0"),
            (
                "{}",
                "the answer has none of probabilisticSampling, rateLimitingSampling and operationSampling"
            ),
            (
                #"{"probabilisticSampling":{"samplingRate":"high"}}"#,
                "the answer is no sampling strategy: this is not a number at byte 41, in "
                    + "probabilisticSampling.samplingRate"
            ),
            (
                #"{"probabilisticSampling":{"samplingRate":1.5}}"#,
                "probabilisticSampling.samplingRate is 1.5; it must be from 0 to 1"
            ),
            (
                #"{"probabilisticSampling":{"samplingRate":"NaN"}}"#,
                "probabilisticSampling.samplingRate is nan; it must be from 0 to 1"
            ),
            (
                #"{"rateLimitingSampling":{"maxTracesPerSecond":-1}}"#,
                "rateLimitingSampling.maxTracesPerSecond is -1.0; it must be a number of traces in a second"
            ),
            (
                #"{"operationSampling":{"perOperationStrategies":[{"probabilisticSampling":{"samplingRate":2}}]}}"#,
                "operationSampling.perOperationStrategies[0].probabilisticSampling.samplingRate is 2.0; it must be "
                    + "from 0 to 1"
            ),
        ])
    func refuses(json: String, reason: String) {
        #expect(throws: RemoteSamplingError(reason)) { try strategy(json) }
    }

    @Test("an answer that is too long, too deep or has too many operations is refused")
    func bounds() {
        let long = #"{"a":""# + String(repeating: "x", count: RemoteSamplingStrategy.answerBytesMax) + #""}"#
        #expect(throws: RemoteSamplingError.self) { try strategy(long) }
        let deep = String(repeating: #"{"a":"#, count: 10_000)
        #expect(throws: RemoteSamplingError.self) { try strategy(deep) }
        let many = (0...RemoteSamplingStrategy.operationsMax).map {
            #"{"operation":"\#($0)","probabilisticSampling":{"samplingRate":1}}"#
        }
        let json = #"{"operationSampling":{"perOperationStrategies":[\#(many.joined(separator: ","))]}}"#
        #expect(throws: RemoteSamplingError("the answer has 2001 operations, over 2000")) {
            try strategy(json)
        }
    }

    @Test("any change of bytes gives a strategy or an error, never a crash")
    func mutations() {
        let whole = Array(
            #"{"operationSampling":{"defaultSamplingProbability":0.1,"perOperationStrategies":[{"operation":"a"}]}}"#
                .utf8)
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0...Int.random(in: 0..<4) {
                bytes[Int.random(in: bytes.indices)] = .random(in: 0 ... .max)
            }
            bytes.removeLast(Int.random(in: 0..<3))
            _ = try? RemoteSamplingStrategy(json: bytes)
        }
    }

    // MARK: Deciding

    private func kept(
        _ state: inout RemoteSamplingState, _ name: String = "a", low: UInt64 = .max, at seconds: Double
    ) -> Bool {
        state.decide(name, TraceID(high: 1, low: low), at: UInt64(seconds * 1e9)) != nil
    }

    @Test("rate limiting lets a second's worth through at once, and then as many as fit the rate")
    func rateLimiting() {
        var state = RemoteSamplingState(.rateLimiting(2), at: 0)
        #expect(kept(&state, at: 0))
        #expect(kept(&state, at: 0))
        #expect(!kept(&state, at: 0.4))
        #expect(kept(&state, at: 0.5))
        #expect(!kept(&state, at: 0.5))
        // However long nothing came, no more than a second's worth.
        #expect((0..<10).count { _ in kept(&state, at: 1_000) } == 2)
        var none = RemoteSamplingState(.rateLimiting(0), at: 0)
        #expect(!kept(&none, at: 1_000))
    }

    @Test("probabilistic decides by the trace id as the ratio sampler does")
    func probabilistic() {
        var state = RemoteSamplingState(.probabilistic(0.5), at: 0)
        #expect(kept(&state, low: 0, at: 0))
        #expect(!kept(&state, low: .max, at: 0))
    }

    @Test("an operation has its own rate, others the standard one, and each gets its least")
    func perOperation() {
        var state = RemoteSamplingState(
            .perOperation(.init(rates: ["all": 1, "none": 0], standardRate: 0, tracesPerSecondMin: 0.1)),
            at: 0)
        #expect((0..<10).allSatisfy { _ in kept(&state, "all", at: 0) })
        #expect((0..<10).count { _ in kept(&state, "none", at: 0) } == 1)
        #expect((0..<10).count { _ in kept(&state, "other", at: 0) } == 1)
        #expect(kept(&state, "other", at: 10))
        #expect(!kept(&state, "other", at: 11))
    }

    @Test("made-up operation names take bounded memory: beyond the limit there is no least")
    func manyOperations() {
        var state = RemoteSamplingState(
            .perOperation(.init(rates: [:], standardRate: 0, tracesPerSecondMin: 1)), at: 0)
        let count = (0..<3_000).count { kept(&state, "\($0)", at: 0) }
        #expect(count == RemoteSamplingStrategy.operationsMax)
    }

    @Test("the same strategy again does not fill the buckets up")
    func update() {
        var state = RemoteSamplingState(.rateLimiting(1), at: 0)
        #expect(kept(&state, at: 0))
        state.update(.rateLimiting(1), at: 0)
        #expect(!kept(&state, at: 0))
        state.update(.rateLimiting(100), at: 0)
        #expect(!kept(&state, at: 0))
        #expect(kept(&state, at: 0.5))
        state.update(.probabilistic(1), at: 0.5.seconds)
        #expect(kept(&state, at: 0.5))
    }

    @Test("a span says what kept it, and the sampler what holds")
    func attributes() {
        let clock = ManualClock()
        let sampler = JaegerRemoteSampler(initialSampler: AlwaysOffSampler(), clock: clock)
        let request = SamplingRequest(traceID: TraceID(high: 1, low: 1), name: "a")
        #expect(sampler.shouldSample(request).decision == .drop)
        #expect(sampler.description == "JaegerRemoteSampler{initial:AlwaysOffSampler}")
        sampler.update(.probabilistic(0.5))
        #expect(sampler.shouldSample(request).attributes["jaeger.sampler.type"] == "probabilistic")
        #expect(sampler.shouldSample(request).attributes["jaeger.sampler.param"] == 0.5)
        #expect(sampler.description == "JaegerRemoteSampler{probabilistic:0.5}")
        sampler.update(.rateLimiting(1))
        #expect(sampler.shouldSample(request).attributes["jaeger.sampler.type"] == "ratelimiting")
        #expect(sampler.shouldSample(request).decision == .drop)
    }

    // MARK: Asking

    /// Says what it is told to say.
    private final class Scripted: SamplingStrategySource {
        private let answers: Mutex<[Result<String, RemoteSamplingError>]>
        let questions = Mutex(0)
        let shutdowns = Mutex(0)

        init(_ answers: [Result<String, RemoteSamplingError>]) { self.answers = Mutex(answers) }

        func strategy() async throws(RemoteSamplingError) -> [UInt8] {
            questions.withLock { $0 += 1 }
            let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
            guard let answer else { throw RemoteSamplingError("nothing is scripted") }
            return Array(try answer.get().utf8)
        }

        func shutdown() async { shutdowns.withLock { $0 += 1 } }
    }

    @Test("a failure keeps the last strategy and is said once, until there is another or an answer")
    func failures() async {
        let good = #"{"probabilisticSampling":{"samplingRate":0.5}}"#
        let down = RemoteSamplingError("http://h/sampling cannot be asked")
        let source = Scripted([
            .failure(down), .failure(down), .success(good), .success("{}"), .failure(down), .success(good),
            .failure(down),
        ])
        let sampler = JaegerRemoteSampler()
        let said = Mutex<[String]>([])
        let poller = SamplingStrategyPoller(
            source: source, sampler: sampler, interval: .seconds(1), clock: ContinuousClock()
        ) { error in said.withLock { $0.append(error.description) } }
        await poller.poll()
        await poller.poll()
        #expect(sampler.strategy == nil)
        #expect(said.withLock { $0 } == [down.description])
        await poller.poll()
        #expect(sampler.strategy == .probabilistic(0.5))
        await poller.poll()
        await poller.poll()
        #expect(sampler.strategy == .probabilistic(0.5))
        #expect(said.withLock { $0.count } == 3)
        await poller.poll()
        await poller.poll()
        #expect(said.withLock { $0.count } == 4)
    }

    @Test("the poller asks at once, asks again, and ends when it is stopped")
    func loop() async {
        let source = Scripted([.success(#"{"rateLimitingSampling":{"maxTracesPerSecond":3}}"#)])
        let sampler = JaegerRemoteSampler()
        let poller = SamplingStrategyPoller(source: source, sampler: sampler, interval: .milliseconds(1))
        poller.start()
        poller.start()
        while source.questions.withLock({ $0 }) < 3 { await Task.yield() }
        await poller.stop()
        await poller.stop()
        let asked = source.questions.withLock { $0 }
        #expect(sampler.strategy == .rateLimiting(3))
        #expect(source.shutdowns.withLock { $0 } == 1)
        poller.start()
        for _ in 0..<100 { await Task.yield() }
        #expect(source.questions.withLock { $0 } == asked)
    }
}

extension Double {
    fileprivate var seconds: UInt64 { UInt64(self * 1e9) }
}
