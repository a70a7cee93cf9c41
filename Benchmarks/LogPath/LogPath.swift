// SPDX-License-Identifier: Apache-2.0

import Foundation
import OTLPWire
import TelemetryModel
import TelemetryStorage
import TelemetryStorageSQLite

/// What a log record costs from its bytes to the disk, and what questions cost then.
///
/// `LogPath RECORDS PER_REQUEST`: decodes and stores that many on one connection after the other, then asks.
@main
struct LogPath {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        let count = numbers.first ?? 1_000_000
        let size = numbers.dropFirst().first ?? 1_000
        let directory = FileManager.default.temporaryDirectory.appending(path: "log-path-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let store = try SQLiteLogStore.open(directory: directory.path())

        var decode = Duration.zero
        var write = Duration.zero
        var wall = Duration.zero
        var sent = 0
        for first in stride(from: 0, to: count, by: size) {
            let bytes = OTLPProtobuf.encode(ExportLogsServiceRequest(resourceLogs: batch(first, size)))
            sent += bytes.count
            let start = cpu()
            let begun = ContinuousClock.now
            let request = try OTLPProtobuf.decode(ExportLogsServiceRequest.self, from: bytes)
            let decoded = cpu()
            try await store.write(request.resourceLogs)
            wall += ContinuousClock.now - begun
            decode += decoded - start
            write += cpu() - decoded
        }
        print("sent \(sent / count) bytes a record")
        print("decode \(micros(decode) / Double(count)) CPU-µs a record")
        print(
            "store  \(micros(write) / Double(count)) CPU-µs a record, \(micros(wall) / Double(count)) µs of time"
        )

        let last = UInt64(count - 1)
        try await ask("newest 100", store, LogQuery())
        try await ask(
            "newest 100 of a service, warn", store, LogQuery(service: "service-3", severityMin: .warn))
        try await ask("a trace", store, LogQuery(traceID: trace(UInt64(count / 2))))
        try await ask("a rare text", store, LogQuery(text: "order \(last / 3) "))
        try await ask("an absent text", store, LogQuery(text: "nowhere to be found"))
        try await ask(
            "an attribute", store, LogQuery(attributes: [.init(key: "order", value: "\(last / 5)")]))
        await store.close()
        let opened = ContinuousClock.now
        await (try SQLiteLogStore.open(directory: directory.path())).close()
        print("open and close \(ContinuousClock.now - opened)")
        let file = directory.appending(path: "logs/logs.sqlite").path()
        let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
        print("\(Double(bytes) / Double(count)) bytes a record on disk")
    }

    private static func ask(_ what: String, _ store: SQLiteLogStore, _ query: LogQuery) async throws {
        var best = Duration.seconds(1_000)
        var found = 0
        for _ in 0..<5 {
            let start = ContinuousClock.now
            found = try await store.logs(matching: query).logs.count
            best = min(best, ContinuousClock.now - start)
        }
        print("\(what): \(found) in \(best)")
    }

    private static func trace(_ number: UInt64) -> TraceID {
        // Looks random, as real ones do.
        var value = (number / 8 + 1) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 29
        return TraceID(high: value, low: value &* 0xbf58_476d_1ce4_e5b9)
    }

    private static func batch(_ first: Int, _ count: Int) -> [ResourceLogs] {
        let words = ["accepted", "refused: stock is low", "paid by card", "sent to the customer"]
        let records = (first..<first + count).map { index -> LogRecord in
            let number = UInt64(index)
            return LogRecord(
                timeUnixNano: 1_780_000_000_000_000_000 + number * 1_137_411,
                observedTimeUnixNano: 1_780_000_000_000_000_000 + number * 1_137_411 + number % 977 * 31,
                severity: index % 50 == 0 ? .warn : .info, severityText: index % 50 == 0 ? "warning" : "info",
                body: .string("order \(index) of customer \(index * 7919 % 100_003) \(words[index % 4])"),
                attributes: [
                    "order": .int(Int64(index)), "code.function.name": "OrderService.place",
                    "thread.name": .string("worker-\(index % 8)"),
                    "duration_ms": .double(Double(index % 9_973) / 7),
                ],
                flags: 1, traceID: trace(number), spanID: SpanID(value: trace(number).low | (number % 8 + 1)))
        }
        return [
            ResourceLogs(
                resource: Resource(attributes: [
                    "service.name": .string("service-\(first / max(count, 1) % 10)"), "host.name": "bench",
                ]), scopeLogs: [ScopeLogs(scope: InstrumentationScope(name: "orders"), logRecords: records)])
        ]
    }

    private static func cpu() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func micros(_ duration: Duration) -> Double { duration / .microseconds(1) }
}
