// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TelemetrySDK
import Testing

@Suite("Export: docs/delivery.md")
struct DeliveryDocumentTests {
    /// Written anew with `CONTRAIL_WRITE_DOCUMENTS=1 swift test --filter DeliveryDocumentTests`.
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/delivery.md").standardized

    @Test("its tables are those of the tests")
    func tables() throws {
        var text = try String(contentsOf: Self.file, encoding: .utf8)
        for (name, rows) in [("OTLP/HTTP", HTTPFaults.all), ("OTLP/gRPC", GRPCFaults.all)] {
            let start = try #require(text.range(of: "<!-- \(name) -->\n"))
            let end = try #require(text.range(of: "<!-- end of \(name) -->"))
            let table =
                "| when the receiver … | attempts | waits before the next | each span arrives | counted as | shutdown takes | the log says |\n"
                + "| --- | --- | --- | --- | --- | --- | --- |\n"
                + rows.map(\.markdown).joined(separator: "\n")
                + "\n"
            let range = start.upperBound..<end.lowerBound
            if ProcessInfo.processInfo.environment["CONTRAIL_WRITE_DOCUMENTS"] == "1" {
                text.replaceSubrange(range, with: table)
                try text.write(to: Self.file, atomically: true, encoding: .utf8)
            } else {
                #expect(text[range] == table)
            }
        }
    }

    @Test("no two rows have one name")
    func names() {
        for rows in [HTTPFaults.all, GRPCFaults.all] { #expect(Set(rows.map(\.what)).count == rows.count) }
    }
}

extension FaultCase {
    /// The row as one of a table in Markdown.
    var markdown: String {
        func text(_ range: ClosedRange<Int>) -> String {
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        }
        let count =
            switch outcome.counted {
            case .delivered: "delivered"
            case .lost(let reason): "dropped, `\(reason.rawValue)`"
            case .partly(let rejected): "\(rejected) of \(Delivery.spansPerBatch) dropped, `rejected`"
            }
        func text(_ duration: Duration) -> String {
            let milliseconds = duration / .milliseconds(1)
            return milliseconds < 1_000
                ? "\(Int(milliseconds)) ms" : "\((milliseconds / 1_000).formatted()) s"
        }
        let (least, most) = (shutdown.lowerBound, shutdown.upperBound)
        let ending =
            if most == .zero { "no time" } else if least == most { text(most) } else if least == .zero {
                "up to \(text(most))"
            } else { "\(text(least)) to \(text(most))" }
        let waits = (outcome.waits ?? []).map { text($0) }
        let columns = [
            what + (batches > 1 ? " (\(batches) batches)" : ""), text(outcome.attempts),
            waits.joined(separator: ", "), "\(text(outcome.arrivals)) ×", count,
            ending, outcome.says.map { "`\($0)`" } ?? "",
        ]
        return "| \(columns.joined(separator: " | ")) |"
    }
}
