// SPDX-License-Identifier: Apache-2.0

import Foundation
import OTLPWire
import Synchronization
import TelemetryModel
import TelemetryStorage
import Testing

@Suite("HTTP API: logs")
struct LogRouteTests {
    private static let record = LogRecord(
        timeUnixNano: 1_700_000_000_000_000_001, severity: .warn, severityText: "warning",
        body: "low on \"disk\"", attributes: ["free": 3], traceID: TraceID(high: 1, low: 2),
        spanID: SpanID(value: 3))
    private static let structured = LogRecord(observedTimeUnixNano: 5, body: ["a": [1, true]])

    static let logs = ArrayLogs(
        [record, structured].map {
            StoredLog(
                resource: Resource(attributes: ["service.name": "items"]),
                scope: InstrumentationScope(name: "logger"), record: $0)
        }, next: "more")

    @Test("a record has what people read, and every field as it was sent")
    func answer() async throws {
        let answer = try await APIClient(ArrayStore(), logs: Self.logs).get("/api/v1/logs")
        #expect(answer.status == 200)
        #expect(
            answer.text == """
                {"logs":[{"timeUnixNano":"1700000000000000001","service":"items","severity":"WARN",\
                "text":"low on \\"disk\\"","traceId":"00000000000000010000000000000002",\
                "spanId":"0000000000000003",\
                "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"items"}}]},\
                "scope":{"name":"logger"},"record":\(String(decoding: OTLPJSON.encode(Self.record), as: UTF8.self))},\
                {"timeUnixNano":"5","service":"items","severity":null,"text":"{\\"a\\":[1,true]}",\
                "traceId":null,"spanId":null,\
                "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"items"}}]},\
                "scope":{"name":"logger"},\
                "record":\(String(decoding: OTLPJSON.encode(Self.structured), as: UTF8.self))}],"nextCursor":"more"}
                """)
    }

    @Test("each parameter becomes a condition")
    func parameters() async throws {
        let logs = ArrayLogs()
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let answer = try await APIClient(ArrayStore(), logs: logs).get(
            "/api/v1/logs?service=items&severity=Warn&text=time+out&traceId=\(trace)&spanId=00f067aa0ba902b7"
                + "&since=1s&end=1700000000000000000&attribute=a=b&attribute=log:c=1&limit=7&cursor=x")
        #expect(answer.status == 200)
        #expect(
            logs.questions == [
                LogQuery(
                    traceID: TraceID(hex: trace), spanID: SpanID(hex: "00f067aa0ba902b7"), service: "items",
                    severityMin: .warn, timeMin: 1_699_999_999_000_000_000,
                    timeMax: 1_700_000_000_000_000_000, text: "time out",
                    attributes: [.init(key: "a", value: "b"), .init(key: "c", value: "1", in: .log)],
                    limit: 7,
                    cursor: "x")
            ])
    }

    @Test(
        "what cannot be meant is refused with its parameter",
        arguments: [
            ("severity=loud", "severity"), ("traceId=1", "traceId"), ("spanId=0000000000000000", "spanId"),
            ("limit=0", "limit"), ("limit=1001", "limit"), ("since=1s&start=0", "since"),
            ("start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "end"), ("level=warn", "level"),
        ])
    func refusals(query: String, parameter: String) async throws {
        let answer = try await APIClient(ArrayStore()).get("/api/v1/logs?\(query)")
        #expect(answer.status == 400)
        #expect(answer.error["parameter"] == parameter)
        if parameter == "level" {
            #expect(answer.error["message"]?.contains("did you mean severity?") == true)
        }
    }

    @Test("the logs of a trace are OTLP/JSON, and none are an empty message")
    func ofTrace() async throws {
        let client = APIClient(ArrayStore(), logs: Self.logs)
        let answer = try await client.get("/api/v1/traces/00000000000000010000000000000002/logs")
        #expect(answer.status == 200)
        let message = try OTLPJSON.decode(ExportLogsServiceRequest.self, from: answer.body)
        #expect(message.resourceLogs.first?.scopeLogs.first?.logRecords == [Self.record])
        let none = try await client.get("/api/v1/traces/00000000000000010000000000000009/logs")
        #expect(none.status == 200)
        #expect(none.text == "{}")
        #expect(try await client.get("/api/v1/traces/x/logs").status == 400)
    }
}

/// Logs that are what they were told to be, and remember what they were asked.
final class ArrayLogs: LogReader {
    private let content: [StoredLog]
    private let next: String?
    private let asked = Mutex<[LogQuery]>([])

    init(_ content: [StoredLog] = [], next: String? = nil) {
        self.content = content
        self.next = next
    }

    var questions: [LogQuery] { asked.withLock { $0 } }

    func logs(matching query: LogQuery) async throws(StorageError) -> LogPage {
        asked.withLock { $0.append(query) }
        return LogPage(logs: content, next: next)
    }

    func logs(ofTrace id: TraceID, limit: Int) async throws(StorageError) -> TraceLogExcerpt {
        let found = content.filter { $0.record.traceID == id }
        let shown = found.suffix(limit).map {
            ResourceLogs(
                resource: $0.resource,
                scopeLogs: [ScopeLogs(scope: $0.scope, logRecords: [$0.record])])
        }
        return TraceLogExcerpt(resourceLogs: shown, isComplete: found.count <= limit)
    }
}
