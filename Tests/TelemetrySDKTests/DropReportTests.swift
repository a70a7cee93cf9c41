// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Foundation
import Logging
import TelemetryAPI
import Testing

@testable import TelemetrySDK

@Suite("Lines about lost spans", .serialized)
struct DropReportTests {
    /// In a process of its own: what is said, and when last, belongs to the whole process.
    @Test("a line hides no other reason, and all lines together tell of all spans that were lost")
    func addUp() async {
        await #expect(processExitsWith: .success) {
            let lines = Warnings()
            SDKDiagnostics.setLogger(Logger(label: "test", factory: { _ in Fields(lines: lines) }))
            for _ in 0..<100 { SDKDiagnostics.report(.spansDropped(count: 3, reason: .queueFull)) }
            SDKDiagnostics.report(.spansDropped(count: 512, reason: .exportFailed))
            _ = await TracerProvider(processors: []).shutdown()
            let told = lines.all.sorted()
            guard
                told == [
                    "count=297 reason=queue_full", "count=3 reason=queue_full",
                    "count=512 reason=export_failed",
                ]
            else {
                print(told)
                exit(1)
            }
        }
    }
}

/// Keeps count and reason of each line.
private struct Fields: LogHandler {
    let lines: Warnings
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = event.metadata ?? [:]
        lines.add(
            "count=\(fields["count"].map { "\($0)" } ?? "") reason=\(fields["reason"].map { "\($0)" } ?? "")")
    }
}
