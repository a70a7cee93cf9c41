// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Testing
import WireFixtures

@Suite(
    "Wire: against Python's opentelemetry-proto",
    .enabled(if: PythonPeer.isInstalled, ".venv/bin/python is missing: run `make test` once"))
struct PythonInteropTests {
    @Test("what we write, Python reads, and writes back as the same bytes and as JSON that we read")
    func swiftToPython() async throws {
        let peer = try PythonPeer()
        let requests = (0..<400).map { seed in
            var random = RandomTelemetry(seed: UInt64(seed))
            return ExportTraceServiceRequest(
                resourceSpans: (0..<2).map { _ in random.resourceSpans() })
        }
        let encoded = requests.map { OTLPProtobuf.encode($0) }
        try peer.write(encoded, to: "in")
        _ = try await peer.run("reencode", peer.file("in"), peer.file("out"))
        let answers = try peer.records(of: "out")
        try #require(answers.count == 2 * requests.count)
        for (index, request) in requests.enumerated() {
            try #require(answers[2 * index] == encoded[index], "seed \(index)")
            let fromJSON = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: answers[2 * index + 1])
            try #require(fromJSON == request, "seed \(index)")
        }
    }

    @Test("what Python writes in either form, we read as the same message, and Python knows it again")
    func pythonToSwift() async throws {
        let peer = try PythonPeer()
        _ = try await peer.run("generate", "7", "400", peer.file("out"))
        let forms = try peer.records(of: "out")
        try #require(forms.count == 800)
        var answers: [[UInt8]] = []
        for index in stride(from: 0, to: forms.count, by: 2) {
            let binary = try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: forms[index])
            let text = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: forms[index + 1])
            try #require(binary == text, "message \(index / 2)")
            answers.append(OTLPProtobuf.encode(binary))
            answers.append(OTLPJSON.encode(text, pretty: index.isMultiple(of: 4)))
        }
        try peer.write(answers, to: "in")
        #expect(try await peer.run("compare", "7", "400", peer.file("in")) == "done\n")
    }

    @Test("a status with details is google.rpc.Status, in protobuf and in JSON")
    func status() async throws {
        let peer = try PythonPeer()
        let statuses = [
            RPCStatus(),
            RPCStatus(code: 3, message: "no", details: []),
            RPCStatus(
                code: 14, message: "later", details: [.init(RetryInfo(retryDelay: .milliseconds(1500)))]),
            RPCStatus(code: -1, details: [.init(RetryInfo(retryDelay: .nanoseconds(-1_000_000_001)))]),
            RPCStatus(
                code: 3, message: "bad",
                details: [
                    .init(BadRequest(fieldViolations: [.init(field: "a[0].b", description: "is \"wrong\"")])),
                    .init(RetryInfo(retryDelay: .seconds(86400))),
                ]),
        ]
        let encoded = statuses.map { OTLPProtobuf.encode($0) }
        try peer.write(encoded, to: "in")
        _ = try await peer.run("status", peer.file("in"), peer.file("out"))
        let answers = try peer.records(of: "out")
        try #require(answers.count == 2 * statuses.count)
        for (index, status) in statuses.enumerated() {
            #expect(answers[2 * index] == encoded[index])
            #expect(try OTLPJSON.decode(RPCStatus.self, from: answers[2 * index + 1]) == status)
            #expect(try OTLPJSON.decode(RPCStatus.self, from: OTLPJSON.encode(status)) == status)
            #expect(try OTLPProtobuf.decode(RPCStatus.self, from: encoded[index]) == status)
        }
    }
}
