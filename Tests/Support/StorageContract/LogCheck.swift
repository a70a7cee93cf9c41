// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
package import TelemetryStorage

/// One claim of the ``LogStore`` contract, to be checked for every engine as ``StorageCheck`` is.
package struct LogCheck: Sendable, CustomStringConvertible {
    /// Makes an empty store.
    package typealias MakeStore = @Sendable () async throws -> any LogStore

    /// The claim.
    package let description: String
    private let body: @Sendable (any LogStore) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (any LogStore) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Throws ``ContractViolation`` when the store does not keep the claim.
    package func run(_ make: MakeStore) async throws {
        let store = try await make()
        do {
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    package static let all: [LogCheck] = logSearchChecks + logLifeChecks
}

/// A plain record; time in microseconds after ``fixtureEpoch``.
func line(
    _ text: String = "done", at time: UInt64 = 0, _ severity: LogSeverity = .info, trace: UInt64? = nil,
    span: UInt64? = nil, _ attributes: Attributes = [:]
) -> LogRecord {
    LogRecord(
        timeUnixNano: fixtureEpoch + time * 1_000, severity: severity, body: .string(text),
        attributes: attributes, traceID: trace.map { TraceID(high: 1, low: $0) },
        spanID: span.map { SpanID(value: $0) })
}

/// Records of one service as they arrive together.
func logBatch(_ records: [LogRecord], of service: String? = "shop", _ attributes: Attributes = [:])
    -> [ResourceLogs]
{
    var all = attributes
    if let service { all["service.name"] = .string(service) }
    return [
        ResourceLogs(
            resource: Resource(attributes: all),
            scopeLogs: [ScopeLogs(scope: InstrumentationScope(name: "fixture"), logRecords: records)])
    ]
}

/// A list of everything, asked record by record.
struct ReferenceLogs {
    private var logs: [(number: Int, log: StoredLog)] = []

    mutating func write(_ batch: [ResourceLogs]) {
        for part in batch {
            for scopeLogs in part.scopeLogs {
                for record in scopeLogs.logRecords {
                    logs.append(
                        (
                            logs.count,
                            StoredLog(resource: part.resource, scope: scopeLogs.scope, record: record)
                        ))
                }
            }
        }
    }

    /// All answers, without regard to limit and cursor.
    func logs(matching query: LogQuery) -> [StoredLog] {
        logs.filter { Self.meets($0.log, query) }.sorted {
            ($1.log.record.effectiveTimeUnixNano, $1.number) < (
                $0.log.record.effectiveTimeUnixNano, $0.number
            )
        }.map(\.log)
    }

    private static func meets(_ log: StoredLog, _ query: LogQuery) -> Bool {
        let record = log.record
        if let trace = query.traceID, record.traceID != trace { return false }
        if let span = query.spanID, record.spanID != span { return false }
        if let service = query.service,
            log.resource.serviceName ?? Resource.unknownServiceName != service
        {
            return false
        }
        if let least = query.severityMin, record.severity < least { return false }
        if let least = query.timeMin, record.effectiveTimeUnixNano < least { return false }
        if let most = query.timeMax, record.effectiveTimeUnixNano > most { return false }
        // The texts of the fixtures are ASCII.
        if let text = query.text, !record.bodyText.lowercased().contains(text.lowercased()) { return false }
        return query.attributes.allSatisfy {
            $0.isMet(by: record) || $0.isMet(by: log.resource) || $0.isMet(by: log.scope)
        }
    }
}

/// Random records from a small vocabulary, so that random questions about them have answers.
struct RandomLogs {
    static let services: [String?] = ["gateway", "items", "pricing", nil]
    static let words = ["GET", "/items", "timeout", "Connection", "refused", "user", "paid", "cache-miss"]

    var numbers: SeededNumbers

    init(seed: UInt64) { numbers = SeededNumbers(seed: seed) }

    mutating func batch(_ count: Int) -> [ResourceLogs] {
        var batch: [ResourceLogs] = []
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
            let records = (0..<max(1, count / 2)).map { _ in record() }
            batch += logBatch(
                records, of: Self.services.randomElement(using: &numbers) ?? nil,
                Bool.random(using: &numbers) ? ["region": "eu"] : [:])
        }
        return batch
    }

    private mutating func record() -> LogRecord {
        let words = (0..<Int.random(in: 0...4, using: &numbers)).map { _ in
            Self.words.randomElement(using: &numbers) ?? ""
        }
        var record = line(
            words.joined(separator: " "), at: UInt64.random(in: 0..<1_000, using: &numbers) * 1_000,
            LogSeverity(rawValue: Int32.random(in: 0...24, using: &numbers)),
            trace: Bool.random(using: &numbers) ? UInt64.random(in: 1...400, using: &numbers) : nil,
            span: Bool.random(using: &numbers) ? UInt64.random(in: 1...50, using: &numbers) : nil,
            Bool.random(using: &numbers) ? ["code": .int(Int64.random(in: 0...5, using: &numbers))] : [:])
        if Int.random(in: 0..<4, using: &numbers) == 0 {
            record.observedTimeUnixNano = record.timeUnixNano + 5
            if Bool.random(using: &numbers) { record.timeUnixNano = 0 }
        }
        if Int.random(in: 0..<5, using: &numbers) == 0 {
            record.body = ["message": record.body, "n": 1]
        }
        return record
    }

    mutating func query() -> LogQuery {
        var query = LogQuery(limit: Int.random(in: 1...60, using: &numbers))
        func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &numbers) == 0 }
        if oneIn(4) { query.traceID = traceID(UInt64.random(in: 1...400, using: &numbers)) }
        if oneIn(6) { query.spanID = SpanID(value: UInt64.random(in: 1...50, using: &numbers)) }
        if oneIn(3) {
            query.service =
                (Self.services.randomElement(using: &numbers) ?? nil) ?? Resource.unknownServiceName
        }
        if oneIn(3) { query.severityMin = LogSeverity(rawValue: Int32.random(in: 0...24, using: &numbers)) }
        if oneIn(3) {
            query.timeMin = fixtureEpoch + UInt64.random(in: 0..<1_000, using: &numbers) * 1_000_000
        }
        if oneIn(3) {
            query.timeMax = fixtureEpoch + UInt64.random(in: 0..<1_000, using: &numbers) * 1_000_000
        }
        if oneIn(3) {
            query.text = ["TIME", "connection ref", "e", "items", "miss", "absent", "\"n\":1"]
                .randomElement(using: &numbers)
        }
        if oneIn(5) { query.attributes.append(.init(key: "code", value: "3")) }
        if oneIn(8) { query.attributes.append(.init(key: "region", value: "eu")) }
        return query
    }
}
