// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
public import TelemetrySDK

/// The contract of `IDGenerator`, for a type of your own:
///
/// ```swift
/// try await IDGeneratorContract.check { MyIDs() }
/// ```
/// Source: OpenTelemetry specification 1.60, "Id Generators"; W3C Trace Context Level 2, "Random Trace ID Flag".
public enum IDGeneratorContract {
    private static let idCount = 40_000

    /// How far from a half the share of ones may be in a random bit. In 40,000 ids the share varies by 0.0025 (one
    /// standard deviation): a good generator is this far off once in 10⁸⁰ runs.
    private static let shareError = 0.05

    /// Checks every rule.
    ///
    /// - Parameter make: a new generator.
    /// - Throws: ``ContractViolations`` with all that was found; what `make` throws.
    public static func check(_ make: () async throws -> any IDGenerator) async throws {
        var findings = ContractFindings()
        let generator = try await make()
        let ids = await withTaskGroup(of: [(trace: TraceID, span: SpanID)].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<idCount / 8).map { _ in (generator.traceID(), generator.spanID()) } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        findings.expect(
            "ids are never zero", ids.allSatisfy { $0.trace.isValid && $0.span.isValid }, found: "some are")
        let traces = Set(ids.map(\.trace)).count
        findings.expect(
            "ids of traces are unique, from many threads at once", traces == idCount,
            found: "\(idCount) calls give \(traces) of them")
        let spans = Set(ids.map(\.span)).count
        findings.expect(
            "ids of spans are unique, from many threads at once", spans == idCount,
            found: "\(idCount) calls give \(spans) of them")
        if generator.isRandom {
            // "at least the right-most 7 bytes of the trace-id MUST be selected randomly (or pseudo-randomly) with
            // uniform distribution over the interval [0..2^56-1]"
            for bit in 0..<56 {
                let ones = ids.count { $0.trace.low >> UInt64(bit) & 1 == 1 }
                let share = Double(ones) / Double(ids.count)
                findings.expect(
                    "the last seven bytes of a trace id are random, since isRandom says so",
                    abs(share - 0.5) <= shareError, found: "bit \(bit) is set in \(ones) of \(ids.count) ids")
            }
        }
        try findings.check(generator)
    }
}
