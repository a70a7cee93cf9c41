// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// The contract of `SpanExporter`, for a type of your own:
///
/// ```swift
/// @Test func keepsItsContract() async throws {
///     try await SpanExporterContract.check { MyExporter() }
/// }
/// ```
/// Source: OpenTelemetry specification 1.60, "Span Exporter".
public enum SpanExporterContract {
    /// Checks every rule, each on exporters of its own.
    ///
    /// - Parameters:
    ///   - timeLimit: longest export, flush or shutdown; what takes longer hangs, and is not waited for.
    ///   - make: a new exporter whose receiver takes everything.
    /// - Throws: ``ContractViolations`` with all that was found; what `make` throws.
    public static func check(
        timeLimit: Duration = .seconds(10), _ make: () async throws -> any SpanExporter
    ) async throws {
        var findings = ContractFindings()
        try await exports(&findings, timeLimit, try await make())
        try await flushes(&findings, timeLimit, try await make())
        try await ends(&findings, timeLimit, try await make())
        let unused = try await make()
        findings.expect(
            "an exporter that was never used shuts down",
            await outcome(within: timeLimit) { await unused.shutdown() } != nil, found: "it hangs")
        try findings.check(unused)
    }

    private static func exports(
        _ findings: inout ContractFindings, _ limit: Duration, _ exporter: any SpanExporter
    ) async throws {
        let batches = [
            ("a batch of one span", ContractSpans.batch(1)),
            ("a batch of a thousand spans", ContractSpans.batch(1_000)),
            ("an empty batch", SpanBatch([])), ("a span of odd values", ContractSpans.oddBatch),
            ("the batch after those", ContractSpans.batch(2)),
        ]
        for (what, batch) in batches {
            // "Export() MUST NOT block indefinitely, there MUST be a reasonable upper limit"
            switch await outcome(within: limit, { await exporter.export(batch) }) {
            case nil:
                findings.fail(
                    "an export returns in time", found: "with \(what) it takes longer than \(limit)")
            case .success(let rejected, let message):
                findings.expect(
                    "no more spans are rejected than the batch has", (0...batch.count).contains(rejected),
                    found: "of \(what) \(rejected) are")
                findings.expect(
                    "\(what) is taken whole", rejected == 0, found: "\(rejected) are rejected: \(message)")
            case .failure(let error): findings.fail("\(what) is taken", found: "it fails: \(error)")
            }
        }
        _ = await outcome(within: limit) { await exporter.shutdown() }
    }

    // "ForceFlush SHOULD complete or abort within some timeout."
    private static func flushes(
        _ findings: inout ContractFindings, _ limit: Duration, _ exporter: any SpanExporter
    ) async throws {
        let rule = "a flush returns in time"
        findings.expect(
            rule, await outcome(within: limit) { await exporter.forceFlush() } != nil,
            found: "before the first export it hangs")
        // "The exporter MUST support … ForceFlush … called concurrently" with an export.
        let finished: Void? = await outcome(within: limit) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { _ = await exporter.export(ContractSpans.batch(10)) }
                for _ in 0..<4 { group.addTask { await exporter.forceFlush() } }
            }
        }
        findings.expect(rule, finished != nil, found: "beside an export and other flushes it hangs")
        _ = await outcome(within: limit) { await exporter.shutdown() }
        findings.expect(
            rule, await outcome(within: limit) { await exporter.forceFlush() } != nil,
            found: "after shutdown it hangs")
    }

    // "Shutdown should be called only once for each Exporter instance. After the call to Shutdown subsequent calls to
    // Export are not allowed and should return a Failure result. Shutdown should not block indefinitely"
    private static func ends(
        _ findings: inout ContractFindings, _ limit: Duration, _ exporter: any SpanExporter
    ) async throws {
        _ = await outcome(within: limit) { await exporter.export(ContractSpans.batch(1)) }
        let rule = "a shutdown returns in time"
        findings.expect(
            rule, await outcome(within: limit) { await exporter.shutdown() } != nil, found: "it hangs")
        findings.expect(
            rule, await outcome(within: limit) { await exporter.shutdown() } != nil,
            found: "the second one hangs")
        let refusal = "after shutdown an export fails with shut_down"
        switch await outcome(within: limit, { await exporter.export(ContractSpans.batch(1)) }) {
        case nil: findings.fail(refusal, found: "it hangs")
        case .success: findings.fail(refusal, found: "it succeeds")
        case .failure(let error):
            findings.expect(refusal, error.code == .shutDown, found: "it fails with \(error.code.rawValue)")
            findings.expect(
                "an error names its endpoint without user and query",
                !error.endpoint.contains("@") && !error.endpoint.contains("?"),
                found: "it is \(error.endpoint)")
        }
    }
}
