// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import OTLPWire
import Testing

@testable import BackendServer

@Suite("Sampling strategies")
struct SamplingStrategiesTests {
    private func strategies(_ json: String) throws -> SamplingStrategies {
        try SamplingStrategies(json: Array(json.utf8))
    }

    private func answer(_ json: String, _ service: String) throws -> String {
        String(decoding: OTLPJSON.encode(try strategies(json).strategy(for: service)), as: UTF8.self)
    }

    // Jaeger's own example, `operation_strategies.json`.
    private static let example = """
        {
          "default_strategy": {"type": "probabilistic", "param": 0.5, "operation_strategies": [
            {"operation": "op0", "type": "probabilistic", "param": 0.2},
            {"operation": "op6", "type": "probabilistic", "param": 0},
            {"operation": "spam", "type": "ratelimiting", "param": 1}]},
          "service_strategies": [
            {"service": "foo", "type": "probabilistic", "param": 0.8, "operation_strategies": [
              {"operation": "op6", "type": "probabilistic", "param": 0.5}]},
            {"service": "bar", "type": "ratelimiting", "param": 5},
            {"service": "plain", "type": "probabilistic", "param": 0.25}]
        }
        """

    @Test("a service gets its own rates, completed by those of the default strategy, as Jaeger answers")
    func merges() throws {
        #expect(
            try answer(Self.example, "foo")
                == #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.8},"#
                + #""operationSampling":{"defaultSamplingProbability":0.8,"perOperationStrategies":["#
                + #"{"operation":"op6","probabilisticSampling":{"samplingRate":0.5}},"#
                + #"{"operation":"op0","probabilisticSampling":{"samplingRate":0.2}}]}}"#)
        #expect(
            try answer(Self.example, "plain")
                == #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.25},"#
                + #""operationSampling":{"defaultSamplingProbability":0.25,"perOperationStrategies":["#
                + #"{"operation":"op0","probabilisticSampling":{"samplingRate":0.2}},"#
                + #"{"operation":"op6","probabilisticSampling":{"samplingRate":0.0}}]}}"#)
        #expect(
            try answer(Self.example, "bar").hasPrefix(
                #"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":5},"#))
        #expect(
            try answer(Self.example, "unknown").contains(#""defaultSamplingProbability":0.5"#))
        #expect(
            try strategies(Self.example).warnings == [
                "default_strategy.operation_strategies[2] is left out: operations can only be probabilistic"
            ])
    }

    @Test("without a default strategy a service that is not listed gets Jaeger's rate")
    func standard() throws {
        #expect(
            try answer("{}", "any")
                == #"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.001}}"#)
    }

    @Test(
        "what is wrong is said with its place and with what is expected",
        arguments: [
            ("", "line 1, column 1: the input ends inside a value"),
            (
                "{\n  \"service_strategies\": 7\n}",
                "line 2, column 25, in service_strategies: an array was expected"
            ),
            (
                "{\"service_strategies\": [\n{\"service\": \"a\", \"type\": \"probabilistic\", \"param\": \"x\"}]}",
                "line 2, column 52, in service_strategies[0].param: this is not a number"
            ),
            (
                #"{"default_strategy": {"type": "often", "param": 1}}"#,
                "default_strategy.type is 'often'; it must be probabilistic or ratelimiting"
            ),
            (
                #"{"default_strategy": {"param": 1}}"#,
                "default_strategy has no type; it must be probabilistic or ratelimiting"
            ),
            (
                #"{"default_strategy": {"type": "probabilistic"}}"#,
                "default_strategy has no param; it must be a share of traces from 0 to 1"
            ),
            (
                #"{"default_strategy": {"type": "probabilistic", "param": 7}}"#,
                "default_strategy.param is 7.0; it must be a share of traces from 0 to 1"
            ),
            (
                #"{"default_strategy": {"type": "ratelimiting", "param": 0.5}}"#,
                "default_strategy.param is 0.5; it must be a whole number of traces in a second"
            ),
            (
                #"{"service_strategies": [{"type": "probabilistic", "param": 1}]}"#,
                "service_strategies[0] has no service; it must be a service's name"
            ),
            (
                #"{"service_strategies": [{"service":"a","type":"probabilistic","param":1},"#
                    + #"{"service":"a","type":"probabilistic","param":1}]}"#,
                "service_strategies[1].service is 'a' a second time; each service may stand once"
            ),
            (
                #"{"default_strategy": {"type":"probabilistic","param":1,"operation_strategies":[{"type":"a"}]}}"#,
                "default_strategy.operation_strategies[0] has no operation; it must be a span's name"
            ),
        ])
    func errors(json: String, text: String) {
        let error = #expect(throws: SamplingStrategiesError.self) { try strategies(json) }
        #expect(error?.description == text)
    }

    // MARK: Over HTTP

    private func withFile(_ text: String, _ body: (URL) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "strategies-\(UUID()).json")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try await body(file)
    }

    private func rate(_ rate: Double) -> String {
        #"{"default_strategy": {"type": "probabilistic", "param": \#(rate)}}"#
    }

    @Test(
        "the endpoint answers for a service, follows the file, and keeps the last when the file is bad or gone"
    )
    func endpoint() async throws {
        try await withFile(rate(0.5)) { file in
            try await withBackend(configure: { $0.samplingStrategies = file.path() }) { backend in
                func ask() async throws -> String {
                    let answer = try await backend.ask(.GET, "/sampling?service=a%20b")
                    #expect(answer.status == 200)
                    #expect(answer.contentType == "application/json")
                    return String(decoding: answer.body, as: UTF8.self)
                }
                #expect(try await ask().contains("0.5"))
                try rate(0.25).write(to: file, atomically: true, encoding: .utf8)
                #expect(try await ask().contains("0.25"))
                try "{".write(to: file, atomically: true, encoding: .utf8)
                #expect(try await ask().contains("0.25"))
                try FileManager.default.removeItem(at: file)
                #expect(try await ask().contains("0.25"))
                try rate(0.75).write(to: file, atomically: true, encoding: .utf8)
                #expect(try await ask().contains("0.75"))
            }
        }
    }

    @Test(
        "questions that are none are refused in words",
        arguments: [
            ("GET", "/sampling", 400), ("GET", "/sampling?service=", 400),
            ("GET", "/sampling?service=a&service=b", 400), ("POST", "/sampling?service=a", 405),
            ("HEAD", "/sampling?service=a", 200), ("GET", "/sampling/?service=a", 404),
        ])
    func refusals(method: String, path: String, status: Int) async throws {
        try await withFile(rate(1)) { file in
            try await withBackend(configure: { $0.samplingStrategies = file.path() }) { backend in
                let answer = try await backend.ask(.RAW(value: method), path)
                #expect(answer.status == status)
            }
        }
    }

    @Test("without a file the endpoint says how to get one")
    func withoutFile() async throws {
        try await withBackend { backend in
            let answer = try await backend.ask(.GET, "/sampling?service=a")
            #expect(answer.status == 404)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("--sampling-strategies"))
        }
    }

    @Test("a file that cannot be used keeps the backend from starting, before any port is taken")
    func badStart() async throws {
        try await withFile("{]") { file in
            let error = await #expect(throws: BackendStartError.self) {
                try await withBackend(configure: { $0.samplingStrategies = file.path() }) { _ in }
            }
            #expect(
                error?.description
                    == "the sampling strategies in \(file.path()) cannot be used: line 1, column 2: a key was expected"
            )
        }
        let missing = await #expect(throws: BackendStartError.self) {
            try await withBackend(configure: { $0.samplingStrategies = "/nowhere/strategies.json" }) { _ in }
        }
        #expect(
            missing?.description.contains("/nowhere/strategies.json cannot be used: it cannot be opened")
                == true)
    }
}
