// SPDX-License-Identifier: Apache-2.0

import BackendHTTPAPI
import Foundation
import HTTPTypes
import OTLPWire
import TelemetryModel
import TelemetryStorage
import Testing

@Suite("HTTP API: answers")
struct AnswerTests {
    static let id = TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736)
    static let start: UInt64 = 1_700_000_000_123_456_789

    static var trace: [ResourceSpans] {
        let resource = Resource(attributes: ["service.name": "items"])
        let spans = [
            SpanData(
                traceID: id, spanID: SpanID(value: 1), name: "POST /", kind: .server,
                startTimeUnixNano: start, endTimeUnixNano: start + 100),
            SpanData(
                traceID: id, spanID: SpanID(value: 2), parentSpanID: SpanID(value: 1), name: "INSERT items",
                kind: .client, startTimeUnixNano: start + 20, endTimeUnixNano: start + 90,
                attributes: ["db.system.name": "sqlite"], status: SpanStatus(code: .error, message: "locked")),
            SpanData(
                traceID: id, spanID: SpanID(value: 3), parentSpanID: SpanID(value: 9), name: "lost",
                startTimeUnixNano: start + 20, endTimeUnixNano: start + 20),
        ]
        let scope = InstrumentationScope(name: "test", version: "1")
        return [ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(scope: scope, spans: spans)])]
    }

    static var store: ArrayStore {
        ArrayStore(
            ArrayStore.Content(
                services: ["gateway", "items"],
                operations: ["shop/items ü": [Operation(name: "POST \"x\"\n", kind: .server)]],
                page: TracePage(
                    traces: [
                        TraceSummary(
                            traceID: id, rootService: "gateway", rootOperation: "POST /",
                            startTimeUnixNano: .max, durationNano: 512_000_000, spanCount: 9, errorCount: 1,
                            services: [.init(name: "gateway", spanCount: 2, errorCount: 0)])
                    ], next: "page2"),
                traces: [id: trace],
                keys: AttributeKeyList(
                    keys: [AttributeKey(scope: .event, key: "n", types: [.string, .int])], isComplete: true),
                values: AttributeValueList(values: ["a \"b\"", "c"], isComplete: false)))
    }

    @Test("attribute keys come with scope and types, values as texts")
    func attributes() async throws {
        let store = Self.store
        let keys = try await APIClient(store).get("/api/v1/attributes?scope=event&prefix=n&limit=7")
        #expect(
            keys.text == #"""
                {"attributes":[{"scope":"event","key":"n","types":["string","int"]}],"isComplete":true}
                """#)
        #expect(store.keyQuestions == [AttributeKeyQuery(scope: .event, prefix: "n", limit: 7)])
        let values = try await APIClient(store).get("/api/v1/attributes/a%2Fb%20c/values?prefix=x")
        #expect(values.text == #"{"values":["a \"b\"","c"],"isComplete":false}"#)
        #expect(store.valueQuestions == [AttributeValueQuery(key: "a/b c", prefix: "x")])
        let refused = try await APIClient(store).get("/api/v1/attributes?scope=log")
        #expect(refused.status == 400)
        #expect(refused.error["message"]?.contains("resource, scope, span, event, link") == true)
    }

    @Test("a trace comes in pieces when it is large, with the number of all its spans beside it")
    func pieces() async throws {
        let store = Self.store
        let answer = try await APIClient(store).get("/api/v1/traces/\(Self.id)?limit=2&offset=40")
        #expect(answer.status == 200)
        let name = try #require(HTTPField.Name("contrail-span-count"))
        let count = Self.trace.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
        #expect(answer.headers[name] == String(count * 10))
        let analysis = try await APIClient(store).get("/api/v1/traces/\(Self.id)/analysis")
        #expect(analysis.headers[name] == String(count * 10))
        #expect(store.ranges == [40..<42, 0..<TraceExcerpt.spansMax])
        let tooMany = try await APIClient(store).get("/api/v1/traces/\(Self.id)?limit=50001")
        #expect(tooMany.status == 400)
        let logs = try await APIClient(store).get("/api/v1/traces/\(Self.id)/logs")
        #expect(logs.headers[try #require(HTTPField.Name("contrail-complete"))] == "true")
    }

    @Test("services are a list of names")
    func services() async throws {
        let answer = try await APIClient(Self.store).get("/api/v1/services")
        #expect(answer.status == 200)
        #expect(answer.text == #"{"services":["gateway","items"]}"#)
        #expect(answer.headers[.contentType] == "application/json")
        #expect(answer.headers[.cacheControl] == "no-store")
        #expect(answer.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test("a service's name may hold a slash and anything else, percent-encoded; an unknown one has none")
    func operations() async throws {
        let client = APIClient(Self.store)
        let answer = try await client.get("/api/v1/services/shop%2Fitems%20%C3%BC/operations")
        #expect(answer.text == #"{"operations":[{"name":"POST \"x\"\n","kind":"server"}]}"#)
        #expect(try await client.get("/api/v1/services/nobody/operations").text == #"{"operations":[]}"#)
        let broken = try await client.get("/api/v1/services/%ZZ/operations")
        #expect(broken.status == 400)
        #expect(broken.error["parameter"] == "service")
    }

    @Test("a search result has 64-bit numbers as strings, and the next page's cursor or null")
    func traces() async throws {
        let answer = try await APIClient(Self.store).get("/api/v1/traces")
        #expect(
            answer.text == """
                {"traces":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","rootService":"gateway",\
                "rootOperation":"POST /","startTimeUnixNano":"18446744073709551615","durationNano":"512000000",\
                "spanCount":9,"errorCount":1,\
                "services":[{"name":"gateway","spanCount":2,"errorCount":0}]}],"nextCursor":"page2"}
                """)
        let empty = try await APIClient(ArrayStore()).get("/api/v1/traces")
        #expect(empty.text == #"{"traces":[],"nextCursor":null}"#)
    }

    @Test("a trace is OTLP/JSON that reads back as what was stored")
    func trace() async throws {
        let answer = try await APIClient(Self.store).get("/api/v1/traces/\(Self.id)")
        #expect(answer.status == 200)
        let read = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: answer.body)
        #expect(read.resourceSpans == Self.trace)
        let upper = try await APIClient(Self.store).get("/api/v1/traces/\(Self.id.hex.uppercased())")
        #expect(upper.body == answer.body)
    }

    @Test("a trace that is not stored is 404, a name that is no id is 400")
    func noTrace() async throws {
        let client = APIClient(Self.store)
        for suffix in ["", "/analysis"] {
            let missing = try await client.get("/api/v1/traces/00000000000000000000000000000001\(suffix)")
            #expect(missing.status == 404)
            #expect(missing.error["code"] == "unknown_trace")
            for id in ["xyz", "00000000000000000000000000000000", "4bf92f3577b34da6"] {
                let bad = try await client.get("/api/v1/traces/\(id)\(suffix)")
                #expect(bad.status == 400)
                #expect(bad.error["parameter"] == "traceId")
            }
        }
    }

    @Test("the analysis tells tree, warnings, critical path and shares that add up")
    func analysis() async throws {
        let answer = try await APIClient(Self.store).get("/api/v1/traces/\(Self.id)/analysis")
        #expect(answer.status == 200)
        let json = answer.json
        #expect(json["rootDurationNano"] as? String == "100")
        let warnings = try #require(json["warnings"] as? [[String: Any]])
        #expect(warnings.compactMap { $0["code"] as? String } == ["orphans", "zero_duration"])
        #expect(warnings.first?["spans"] as? [Int] == [2])
        let breakdown = try #require(json["breakdown"] as? [[String: Any]])
        #expect(breakdown.compactMap { $0["durationNano"] as? String } == ["70", "30"])
        #expect(breakdown.compactMap { $0["percent"] as? Int } == [70, 30])
        #expect(breakdown.first?["label"] as? String == "INSERT items  (sqlite)  items")
        let path = try #require(json["criticalPath"] as? [[String: Any]])
        #expect(path.compactMap { $0["span"] as? Int } == [0, 1, 0])
        #expect(path.compactMap { $0["durationNano"] as? String } == ["20", "70", "10"])
        let spans = try #require(json["spans"] as? [[String: Any]])
        #expect(spans.compactMap { $0["place"] as? String } == ["root", "child", "orphan"])
        #expect(spans.compactMap { $0["selfTimeNano"] as? String } == ["30", "70", "0"])
        #expect(spans.map { $0["parent"] as? Int } == [nil, 0, nil])
    }

    @Test("HEAD has the headers of GET without the body; other methods are 405")
    func methods() async throws {
        let client = APIClient(Self.store)
        let head = try await client.send(.head, "/api/v1/services")
        #expect(head.status == 200 && head.body.isEmpty)
        for method in [.post, .put, .delete] as [HTTPRequest.Method] {
            let answer = try await client.send(method, "/api/v1/services")
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == "GET, HEAD")
            #expect(answer.error["code"] == "method_not_allowed")
        }
    }

    @Test(
        "every other path under /api is 404 in JSON",
        arguments: [
            "/api", "/api/", "/api/v1", "/api/v2/traces", "/api/services", "/api/traces/1",
            "/api/v3/services",
            "/api/v1/services/a", "/api/v1/services/a/operations/b", "/api/v1/traces/a/b/c",
        ])
    func unknownPaths(path: String) async throws {
        let client = APIClient(Self.store)
        for method in [.get, .post] as [HTTPRequest.Method] {
            let answer = try await client.send(method, path)
            #expect(answer.status == 404)
            #expect(answer.error["code"] == "unknown_path")
        }
    }

    @Test(
        "a store that cannot answer is 503, one that is damaged 500",
        arguments: [
            (.unavailable("disk full"), 503, "store_unavailable"), (.closed, 503, "store_unavailable"),
            (.damaged("page 7"), 500, "store_damaged"), (.failed("read-only"), 500, "store_damaged"),
        ] as [(StorageError, Int, String)])
    func storeErrors(error: StorageError, status: Int, code: String) async throws {
        let client = APIClient(ArrayStore(ArrayStore.Content(failure: error)))
        for path in ["services", "services/a/operations", "traces", "traces/\(Self.id)"] {
            let answer = try await client.get("/api/v1/\(path)")
            #expect(answer.status == status)
            #expect(answer.error["code"] == code)
        }
    }

    @Test("control characters of a name are escaped in JSON")
    func escapes() async throws {
        let store = ArrayStore(ArrayStore.Content(services: ["a\u{1b}[2J\u{7f}\u{9b}31m\u{1}é€😀\\"]))
        let answer = try await APIClient(store).get("/api/v1/services")
        #expect(answer.text == #"{"services":["a\u001b[2J\u007f\u009b31m\u0001é€😀\\"]}"#)
    }
}
