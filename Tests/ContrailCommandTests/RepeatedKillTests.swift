// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import Foundation
import NIOCore
import NIOHTTP1
import OTLPWire
import Synchronization
import TelemetryModel
import Testing

/// One data directory through all rounds: the program starts on what the kill before has left, and is killed again.
@Suite("contrail serve, killed again and again", .timeLimit(.minutes(5)))
struct RepeatedKillTests {
    private static let rounds = 50
    /// Every so many rounds the kill comes at a random moment of the start, and the others under load.
    private static let killedAtStartEvery = 7
    /// Every so many rounds, a write is torn as well.
    private static let tornEvery = 3

    private enum Signal: String, CaseIterable {
        case traces, logs

        /// Spans, records of one request; often a few, sometimes many.
        var items: Int { Int.random(in: 0..<20) == 0 ? .random(in: 100...400) : .random(in: 1...10) }
    }

    /// One request: all spans of one trace, or all records of one.
    private struct Sent {
        let signal: Signal
        let round: Int
        let items: Int
        var isAcknowledged = false
    }

    private final class Ledger: Sendable {
        private let state = Mutex((last: UInt64(0), sent: [TraceID: Sent]()))

        var all: [TraceID: Sent] { state.withLock { $0.sent } }

        func begin(_ signal: Signal, round: Int, items: Int) -> TraceID {
            state.withLock { state in
                state.last += 1
                let id = TraceID(high: state.last, low: 1)
                state.sent[id] = Sent(signal: signal, round: round, items: items)
                return id
            }
        }

        func acknowledged(_ id: TraceID) { state.withLock { $0.sent[id]?.isAcknowledged = true } }
    }

    private static func body(_ signal: Signal, trace: TraceID, items: Int, service: String) -> [UInt8] {
        let resource = Resource(attributes: ["service.name": .string(service)])
        let scope = InstrumentationScope(name: "s")
        let time: UInt64 = 1_700_000_000_000_000_000
        switch signal {
        case .traces:
            let spans = (1...items as ClosedRange).map { index in
                SpanData(
                    traceID: trace, spanID: SpanID(value: UInt64(index)), name: "n \(index % 7)",
                    startTimeUnixNano: time + trace.high, endTimeUnixNano: time + trace.high + UInt64(index),
                    attributes: ["text": .string(String(UInt64.random(in: 0 ... .max), radix: 16))])
            }
            return OTLPProtobuf.encode(
                ExportTraceServiceRequest(resourceSpans: [
                    ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(scope: scope, spans: spans)])
                ]))
        case .logs:
            let records = (1...items as ClosedRange).map { index in
                LogRecord(
                    timeUnixNano: time + trace.high, severity: .info, body: .string("line \(index)"),
                    traceID: trace)
            }
            return OTLPProtobuf.encode(
                ExportLogsServiceRequest(resourceLogs: [
                    ResourceLogs(
                        resource: resource, scopeLogs: [ScopeLogs(scope: scope, logRecords: records)])
                ]))
        }
    }

    /// Sends one request after the other until nobody answers any more.
    private static func send(
        _ signal: Signal, to port: Int, round: Int, _ ledger: Ledger, with client: HTTPClient
    ) async {
        while true {
            let items = signal.items
            let id = ledger.begin(signal, round: round, items: items)
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/\(signal.rawValue)")
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/x-protobuf")
            request.body = .bytes(
                ByteBuffer(bytes: body(signal, trace: id, items: items, service: "round-\(round)")))
            do {
                let answer = try await client.execute(request, timeout: .seconds(20))
                #expect(answer.status == .ok)
                if answer.status == .ok { ledger.acknowledged(id) }
                _ = try await answer.body.collect(upTo: 1 << 20)
            } catch {
                return
            }
        }
    }

    /// Of each trace with spans, records of this round (nil: any) how many are found.
    private func found(_ signal: Signal, round: Int?, port: Int) async throws -> [TraceID: Int] {
        struct Trace: Decodable { let traceId: String, spanCount: Int }
        struct Log: Decodable { let traceId: String }
        struct Page: Decodable { let traces: [Trace]?, logs: [Log]?, nextCursor: String? }
        var counts: [TraceID: Int] = [:]
        var cursor = ""
        repeat {
            let service = round.map { "&service=round-\($0)" } ?? ""
            let url =
                "http://127.0.0.1:\(port)/api/v1/\(signal.rawValue)?limit=1000&cursor=\(cursor)\(service)"
            let answer = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: url), timeout: .seconds(60))
            #expect(answer.status == .ok)
            let body = try await answer.body.collect(upTo: 64 << 20)
            let page = try JSONDecoder().decode(Page.self, from: Data(body.readableBytesView))
            for trace in page.traces ?? [] {
                counts[try #require(TraceID(hex: trace.traceId))] = trace.spanCount
            }
            for log in page.logs ?? [] { counts[try #require(TraceID(hex: log.traceId)), default: 0] += 1 }
            cursor = page.nextCursor ?? ""
        } while !cursor.isEmpty
        return counts
    }

    /// What was acknowledged is there, and what was not is there whole or not at all.
    private func check(_ ledger: Ledger, round: Int?, port: Int) async throws {
        for signal in Signal.allCases {
            let counts = try await found(signal, round: round, port: port)
            for (id, sent) in ledger.all where sent.signal == signal && (round ?? sent.round) == sent.round {
                let count = counts[id] ?? 0
                #expect(
                    count == sent.items || count == 0 && !sent.isAcknowledged,
                    """
                    \(signal) of round \(sent.round): \(count) of \(sent.items), \
                    \(sent.isAcknowledged ? "acknowledged" : "not acknowledged")
                    """)
            }
        }
    }

    private func serve(_ folder: TemporaryFolder) throws -> Program {
        try Program.product(
            "contrail",
            [
                "--data-dir", folder.url.path(), "--grpc-port", "0", "--http-port", "0", "--ui-port", "0",
            ])
    }

    private func wait(upTo milliseconds: Int) async throws {
        // Not a wait for anything: the moment is what is tried.
        try await Task.sleep(for: .microseconds(Int.random(in: 0...milliseconds * 1_000)))  // polls nothing
    }

    @Test("all spans and log records that were acknowledged are found after fifty kills and torn writes")
    func killed() async throws {
        // One that does not go on trying when nobody is there.
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        defer { _ = client.shutdown() }
        let folder = try TemporaryFolder()
        let ledger = Ledger()
        var tornCount = 0
        for round in 1...Self.rounds as ClosedRange {
            let program = try serve(folder)
            if round.isMultiple(of: Self.killedAtStartEvery) {
                try await wait(upTo: 250)
            } else {
                let ports = try await program.readyPorts()
                try await check(ledger, round: round - 1, port: ports["uiPort"] ?? 0)
                let port = ports["httpPort"] ?? 0
                let sending = Task {
                    await withTaskGroup { group in
                        for signal in [Signal.traces, .traces, .logs] {
                            group.addTask {
                                await Self.send(signal, to: port, round: round, ledger, with: client)
                            }
                        }
                    }
                }
                try await wait(upTo: 150)
                program.signal(SIGKILL)
                await sending.value
            }
            program.signal(SIGKILL)
            #expect(await program.exitCode() == SIGKILL)
            guard round.isMultiple(of: Self.tornEvery) else { continue }
            for name in try FileManager.default.subpathsOfDirectory(atPath: folder.url.path())
            where name.hasSuffix("-wal") {
                if try TornWrite.tear(log: folder.url.appending(path: name)) { tornCount += 1 }
            }
        }
        let last = try serve(folder)
        try await check(ledger, round: nil, port: try await last.readyPorts()["uiPort"] ?? 0)
        #expect(await last.stop() == 0)
        #expect(last.errors.contains("damaged") == false, "\(last.errors)")

        let acknowledged = ledger.all.values.filter(\.isAcknowledged)
        for signal in Signal.allCases {
            #expect(acknowledged.count { $0.signal == signal } >= Self.rounds)
        }
        // One log for traces, one for logs.
        #expect(tornCount >= Self.rounds / Self.tornEvery)
    }
}
