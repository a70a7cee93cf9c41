// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import NIOCore
import NIOHTTP1
import OTLPReceiver
import OTLPWire
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("Metrics")
struct MetricsTests {
    @Test("label values and help are escaped as the format wants it")
    func escaping() {
        var text = PrometheusText()
        text.gauge("a", "back\\slash\nline \"quotes\"", [([("l", "back\\slash\nline \"quotes\"")], 0.5)])
        #expect(
            text.text == """
                # HELP a back\\\\slash\\nline "quotes"
                # TYPE a gauge
                a{l="back\\\\slash\\nline \\"quotes\\""} 0.5

                """)
    }

    @Test("a number that nobody knows is not written")
    func unknown() {
        var text = PrometheusText()
        text.gauge("a", "help", nil as Int?)
        #expect(text.text == "")
    }

    @Test("a class of a histogram holds its upper bound, and counts what is in the classes below")
    func histogram() throws {
        let histogram = Histogram()
        histogram.observe(.milliseconds(1), "r")
        histogram.observe(.milliseconds(2), "r")
        histogram.observe(.seconds(60), "r")
        var text = PrometheusText()
        text.histogram("q_seconds", "help", histogram, by: "route")
        let metrics = try ParsedMetrics(text.text)
        #expect(metrics["q_seconds_bucket", ["route": "r", "le": "0.001"]] == 1)
        #expect(metrics["q_seconds_bucket", ["route": "r", "le": "0.0025"]] == 2)
        #expect(metrics["q_seconds_bucket", ["route": "r", "le": "10"]] == 2)
        #expect(metrics["q_seconds_bucket", ["route": "r", "le": "+Inf"]] == 3)
        #expect(metrics["q_seconds_count", ["route": "r"]] == 3)
        #expect(metrics["q_seconds_sum", ["route": "r"]] == 60.003)
    }

    @Test("what was accepted, refused and answered over both transports is in /metrics")
    func counts() async throws {
        let metrics = try await withBackend { backend in
            #expect(try await backend.export(sampleRequest(5, bad: 2)).status == 200)
            #expect(
                try await backend.ask(headers: ["content-type": "text/plain"]).status
                    == 415)
            let message = ByteBuffer(bytes: OTLPProtobuf.encode(sampleRequest(3)))
            #expect(
                try await rawGRPC(
                    port: backend.port(.grpc), data: grpcFrame(message, compressed: false)
                ).status == 0)
            #expect(
                try await rawGRPC(
                    port: backend.port(.grpc),
                    data: grpcFrame(ByteBuffer(bytes: [10, 255]), compressed: false)
                ).status == 3)
            #expect(try await backend.ask(.GET, "/api/v1/services", at: .ui).status == 200)
            let answer = try await backend.ask(.GET, "/metrics", at: .ui)
            #expect(answer.contentType == PrometheusText.mediaType)
            return try ParsedMetrics(String(decoding: answer.body, as: UTF8.self))
        }
        #expect(metrics["contrail_spans_accepted_total"] == 8)
        #expect(metrics["contrail_spans_refused_total", ["reason": "no_trace_id"]] == 2)
        #expect(metrics["contrail_requests_total", ["port": "http", "code": "200"]] == 1)
        #expect(metrics["contrail_requests_total", ["port": "http", "code": "415"]] == 1)
        #expect(metrics["contrail_requests_total", ["port": "grpc", "code": "OK"]] == 1)
        #expect(metrics["contrail_requests_total", ["port": "grpc", "code": "INVALID_ARGUMENT"]] == 1)
        #expect(metrics["contrail_requests_refused_total", ["port": "grpc", "reason": "malformed"]] == 1)
        #expect(
            metrics["contrail_requests_refused_total", ["port": "http", "reason": "unsupported_media_type"]]
                == 1)
        let bytes = OTLPProtobuf.encode(sampleRequest(5, bad: 2)).count
        #expect(metrics["contrail_received_bytes_total", ["port": "http"]] == Double(bytes))
        #expect(metrics["contrail_store_write_duration_seconds_count"] == 2)
        #expect(metrics["contrail_query_duration_seconds_count", ["route": "/api/v1/services"]] == 1)
        #expect(metrics["contrail_open_connections", ["port": "ui"]].map { $0 >= 1 } == true)
        #expect(metrics["contrail_store_journal_spans"].map { $0 >= 5 } == true)
        #expect(metrics["contrail_store_damaged_blocks"] == 0)
        #expect(metrics["contrail_ready"] == 1)
        #expect(metrics["process_cpu_seconds_total"].map { $0 > 0 } == true)
        #expect(metrics["process_resident_memory_bytes"].map { $0 > Double(1 << 20) } == true)
        #expect(metrics["process_open_fds"].map { $0 > 3 } == true)
        #expect(metrics.names.contains("contrail_build_info"))
    }

    @Test("spans that the store refuses are counted with the reason")
    func storeRefuses() async throws {
        let store = TestStore(failing: .unavailable("disk full"))
        let metrics = try await withBackend(store: store) { backend in
            #expect(try await backend.export(sampleRequest(4)).status == 503)
            let body = try await backend.ask(.GET, "/metrics", at: .ui).body
            return try ParsedMetrics(String(decoding: body, as: UTF8.self))
        }
        #expect(metrics["contrail_spans_accepted_total"] == 0)
        #expect(metrics["contrail_spans_refused_total", ["reason": "store_unavailable"]] == 4)
        #expect(metrics["contrail_ready"] == 0)
    }

    @Test("what is on disk is in /metrics and /api/v1/store")
    func disk() async throws {
        let folder = try TemporaryFolder()
        try await withBackend(storage: .directory(folder.url.path())) { backend in
            #expect(try await backend.export(sampleRequest(5)).status == 200)
            let body = try await backend.ask(.GET, "/metrics", at: .ui).body
            let metrics = try ParsedMetrics(String(decoding: body, as: UTF8.self))
            #expect(metrics["contrail_store_disk_bytes"].map { $0 > 4_096 } == true)
            #expect(metrics["contrail_store_disk_free_bytes"].map { $0 > 0 } == true)
            let store = try await backend.ask(.GET, "/api/v1/store", at: .ui)
            #expect(store.status == 200)
            #expect(String(decoding: store.body, as: UTF8.self).contains(#""journalSpanCount":5,"#))
        }
    }
}
