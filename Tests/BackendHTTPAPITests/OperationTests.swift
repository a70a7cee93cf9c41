// SPDX-License-Identifier: Apache-2.0

import BackendHTTPAPI
import Foundation
import HTTPTypes
import Synchronization
import TelemetryStorage
import Testing

@Suite("HTTP API: for those who watch")
struct OperationTests {
    @Test("/health answers 200 even when the server is not ready")
    func health() async throws {
        let client = APIClient(ArrayStore(), operation: BackendOperation(obstacle: { "the disk is full" }))
        let answer = try await client.get("/health")
        #expect(answer.status == 200)
        #expect(answer.text == #"{"status":"ok"}"#)
    }

    @Test("/ready is 200, or 503 with the reason in JSON, and HEAD has the same status without a body")
    func ready() async throws {
        let ready = APIClient(ArrayStore())
        #expect(try await ready.get("/ready").text == #"{"status":"ready"}"#)
        #expect(try await ready.send(.head, "/ready").status == 200)

        let client = APIClient(ArrayStore(), operation: BackendOperation(obstacle: { "the disk is full" }))
        let answer = try await client.get("/ready")
        #expect(answer.status == 503)
        #expect(answer.headers[.contentType] == "application/json")
        #expect(answer.error == ["code": "not_ready", "message": "the disk is full"])
        let head = try await client.send(.head, "/ready")
        #expect(head.status == 503)
        #expect(head.body == [])
    }

    @Test("/metrics has the media type of Prometheus' text format")
    func metrics() async throws {
        let client = APIClient(
            ArrayStore(), operation: BackendOperation(metrics: { Array("up 1\n".utf8) }))
        let answer = try await client.get("/metrics")
        #expect(answer.status == 200)
        #expect(answer.text == "up 1\n")
        #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
    }

    @Test("/api/v1/store tells what is damaged; 64-bit numbers are strings, and null is what nobody knows")
    func store() async throws {
        var status = StoreStatus()
        status.directory = "/data"
        status.blockCount = 3
        status.diskBytes = 1 << 60
        status.deletedSpanCount = 7
        status.damagedBlockCount = 1
        status.damages = ["block 2 is set aside: its rows are missing"]
        let client = APIClient(
            ArrayStore(), operation: BackendOperation(status: { [status] () throws(StorageError) in status }))
        let answer = try await client.get("/api/v1/store")
        #expect(
            answer.text == #"{"directory":"/data","spanCount":null,"blockCount":3,"journalSpanCount":null,"#
                + #""journalBytes":null,"diskBytes":"1152921504606846976","diskFreeBytes":null,"#
                + #""deletedSpanCount":"7","deletedLogRecordCount":"0","#
                + #""damagedBlockCount":1,"damages":["block 2 is set aside: its rows are missing"]}"#)
    }

    @Test("every answer's time is told with the path of its route, errors too")
    func observed() async throws {
        final class Seen: Sendable { let routes = Mutex<[String]>([]) }
        let seen = Seen()
        let client = APIClient(
            ArrayStore(),
            operation: BackendOperation(observe: { route, time in
                if time > .zero { seen.routes.withLock { $0.append(route) } }
            }))
        _ = try await client.get("/api/v1/services")
        _ = try await client.get("/api/v1/traces?limit=x")
        _ = try await client.get("/api/v1/traces/00000000000000000000000000000001")
        #expect(
            seen.routes.withLock { $0 } == ["/api/v1/services", "/api/v1/traces", "/api/v1/traces/{traceId}"])
    }
}
