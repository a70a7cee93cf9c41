// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Testing
import WireFixtures

@Suite("Wire: logs")
struct LogsTests {
    private static let record = LogRecord(
        timeUnixNano: 1, observedTimeUnixNano: 1 << 56, severity: .error, severityText: "E", body: "boom",
        attributes: ["i": -1], droppedAttributesCount: 300, flags: 1,
        traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10),
        spanID: SpanID(value: 0x1112_1314_1516_1718), eventName: "e")

    @Test("a log record in protobuf")
    func protobuf() {
        let expected: [UInt8] = [
            0x09, 1, 0, 0, 0, 0, 0, 0, 0,
            0x10, 17,
            0x1a, 1, 0x45,
            0x2a, 6, 0x0a, 4, 0x62, 0x6f, 0x6f, 0x6d,
            0x32, 16, 0x0a, 1, 0x69, 0x12, 11, 0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1,
            0x38, 0xac, 0x02,
            0x45, 1, 0, 0, 0,
            0x4a, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
            0x52, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
            0x59, 0, 0, 0, 0, 0, 0, 0, 1,
            0x62, 1, 0x65,
        ]
        #expect(OTLPProtobuf.encode(Self.record) == expected)
    }

    @Test("a log record in JSON")
    func json() {
        let expected = """
            {"timeUnixNano":"1","severityNumber":17,"severityText":"E","body":{"stringValue":"boom"},\
            "attributes":[{"key":"i","value":{"intValue":"-1"}}],"droppedAttributesCount":300,"flags":1,\
            "traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"1112131415161718",\
            "observedTimeUnixNano":"72057594037927936","eventName":"e"}
            """
        #expect(String(decoding: OTLPJSON.encode(Self.record), as: UTF8.self) == expected)
    }

    @Test("requests survive both encodings, and their bytes are always the same")
    func roundTrip() throws {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomTelemetry(seed: seed)
            let request = ExportLogsServiceRequest(
                resourceLogs: (0...seed % 2).map { _ in random.resourceLogs() })
            let bytes = OTLPProtobuf.encode(request)
            let decoded = try OTLPProtobuf.decode(ExportLogsServiceRequest.self, from: bytes)
            try #require(decoded == request)
            try #require(OTLPProtobuf.encode(decoded) == bytes)
            for pretty in [false, true] {
                let text = OTLPJSON.encode(request, pretty: pretty)
                try #require(try OTLPJSON.decode(ExportLogsServiceRequest.self, from: text) == request)
            }
        }
    }

    @Test("a full success is an empty message, and a partial one says how much")
    func responses() {
        #expect(OTLPProtobuf.encode(ExportLogsServiceResponse()) == [])
        #expect(OTLPJSON.encode(ExportLogsServiceResponse()) == Array("{}".utf8))
        let partial = ExportLogsServiceResponse(
            partialSuccess: .init(rejectedLogRecords: 2, errorMessage: "id"))
        #expect(OTLPProtobuf.encode(partial) == [0x0a, 6, 0x08, 2, 0x12, 2, 0x69, 0x64])
        #expect(
            OTLPJSON.encode(partial)
                == Array(#"{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"id"}}"#.utf8))
    }

    @Test("ids that are empty, zero or of another length are no ids")
    func ids() throws {
        for trace in ["", "00", "00000000000000000000000000000000", "zz"] {
            let text = #"{"traceId":"\#(trace)","spanId":"0000000000000000"}"#
            let record = try OTLPJSON.decode(LogRecord.self, from: Array(text.utf8))
            #expect(record.traceID == nil && record.spanID == nil)
        }
        let binary: [UInt8] = [0x4a, 0, 0x52, 3, 1, 2, 3]
        let record = try OTLPProtobuf.decode(LogRecord.self, from: binary)
        #expect(record == LogRecord())
    }

    @Test(
        "a severity is read as a number, as text of one, and by its name",
        arguments: [
            ("9", LogSeverity.info), (#""17""#, .error), (#""SEVERITY_NUMBER_WARN2""#, .init(rawValue: 14)),
            (#""SEVERITY_NUMBER_UNSPECIFIED""#, .unspecified), ("77", .init(rawValue: 77)),
        ])
    func severities(text: String, expected: LogSeverity) throws {
        let json = Array(#"{"severityNumber":\#(text)}"#.utf8)
        let record = try OTLPJSON.decode(LogRecord.self, from: json)
        #expect(record.severity == expected)
        #expect(try OTLPProtobuf.decode(LogRecord.self, from: OTLPProtobuf.encode(record)) == record)
    }

    @Test("an unknown name of a severity is an error at its place")
    func unknownSeverity() {
        let json = Array(#"{"severityNumber":"LOUD"}"#.utf8)
        let error = #expect(throws: WireError.self) { try OTLPJSON.decode(LogRecord.self, from: json) }
        #expect(error?.reason == .unknownEnumName)
        #expect(error?.path == "severityNumber")
    }

    @Test("unknown fields, and the reserved one, are skipped in both encodings")
    func unknownFields() throws {
        // 4 is reserved; 200 is a later version's; then a body that comes in two pieces.
        let binary: [UInt8] = [
            0x22, 1, 0x7a, 0xc2, 0x0c, 1, 0x7a, 0x2a, 3, 0x0a, 1, 0x61, 0x2a, 3, 0x0a, 1, 0x62, 0x1a, 1, 0x57,
        ]
        let record = try OTLPProtobuf.decode(LogRecord.self, from: binary)
        #expect(record == LogRecord(severityText: "W", body: "b"))
        let text = Array(#"{"later":[{"x":1}],"severityText":"W","body":{"stringValue":"b"}}"#.utf8)
        #expect(try OTLPJSON.decode(LogRecord.self, from: text) == record)
    }

    @Test("no cut makes a request trap, and every cut of JSON is an error")
    func cuts() throws {
        var random = RandomTelemetry(seed: 12)
        let request = ExportLogsServiceRequest(resourceLogs: [random.resourceLogs(), random.resourceLogs()])
        let binary = OTLPProtobuf.encode(request)
        for count in binary.indices {
            _ = try? OTLPProtobuf.decode(ExportLogsServiceRequest.self, from: Array(binary[..<count]))
        }
        let text = OTLPJSON.encode(request)
        for count in text.indices {
            #expect(throws: WireError.self) {
                try OTLPJSON.decode(ExportLogsServiceRequest.self, from: Array(text[..<count]))
            }
        }
    }

    @Test("severities have the names of the specification")
    func names() {
        #expect(LogSeverity.info.name == "INFO")
        #expect(LogSeverity(rawValue: 24).name == "FATAL4")
        #expect(LogSeverity.unspecified.name == nil && LogSeverity(rawValue: 25).name == nil)
        #expect(LogSeverity(name: "warn3")?.rawValue == 15)
        #expect(LogSeverity(name: "Warning") == .warn)
        #expect(LogSeverity(name: "notice") == nil)
    }
}

@Suite(
    "Wire: logs against Python's opentelemetry-proto",
    .enabled(if: PythonPeer.isInstalled, ".venv/bin/python is missing: run `make test` once"))
struct LogsPythonInteropTests {
    @Test("what we write, Python reads, and writes back as the same bytes and as JSON that we read")
    func swiftToPython() async throws {
        let peer = try PythonPeer()
        let requests = (0..<400 as Range<UInt64>).map { seed in
            var random = RandomTelemetry(seed: seed)
            return ExportLogsServiceRequest(resourceLogs: (0..<2).map { _ in random.resourceLogs() })
        }
        let encoded = requests.map { OTLPProtobuf.encode($0) }
        try peer.write(encoded, to: "in")
        _ = try await peer.run("reencode-logs", peer.file("in"), peer.file("out"))
        let answers = try peer.records(of: "out")
        try #require(answers.count == 2 * requests.count)
        for (index, request) in requests.enumerated() {
            try #require(answers[2 * index] == encoded[index], "seed \(index)")
            let fromJSON = try OTLPJSON.decode(ExportLogsServiceRequest.self, from: answers[2 * index + 1])
            try #require(fromJSON == request, "seed \(index)")
        }
    }

    @Test("what Python writes in either form, we read as the same message, and Python knows it again")
    func pythonToSwift() async throws {
        let peer = try PythonPeer()
        _ = try await peer.run("generate-logs", "7", "400", peer.file("out"))
        let forms = try peer.records(of: "out")
        try #require(forms.count == 800)
        var answers: [[UInt8]] = []
        for index in stride(from: 0, to: forms.count, by: 2) {
            let binary = try OTLPProtobuf.decode(ExportLogsServiceRequest.self, from: forms[index])
            let text = try OTLPJSON.decode(ExportLogsServiceRequest.self, from: forms[index + 1])
            try #require(binary == text, "message \(index / 2)")
            answers.append(OTLPProtobuf.encode(binary))
            answers.append(OTLPJSON.encode(text, pretty: index.isMultiple(of: 4)))
        }
        try peer.write(answers, to: "in")
        #expect(try await peer.run("compare-logs", "7", "400", peer.file("in")) == "done\n")
    }
}
