// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import TraceAnalysis

@testable import ContrailCommand

@Suite("contrail traces: the table")
struct TracesTableTests {
    private static let names = ["GET /", String(repeating: "n", count: 3_000)]

    private func lines(columns: Int?) throws -> [Substring] {
        let listings = Self.names.enumerated().map { number, name in
            """
            {"traceId":"0000000000000000000000000000000\(number)","rootService":"s","rootOperation":"\(name)",
            "startTimeUnixNano":"1","durationNano":"2","spanCount":1,"errorCount":0,"services":[{"name":"s"}]}
            """
        }
        let traces = try JSONDecoder().decode(
            [TraceListing].self, from: Data("[\(listings.joined(separator: ","))]".utf8))
        let table = TracesTable(traces, style: TraceTextStyle(columns: columns), now: Date(), timeZone: .gmt)
        return table.text().split(separator: "\n")
    }

    @Test("in a pipe one long name stays whole and does not fill up the other lines")
    func longNameInPipe() throws {
        let lines = try lines(columns: nil)
        #expect(lines.count == 3)
        #expect(lines[0].count < 200 && lines[1].count < 200)
        #expect(lines[2].contains(Self.names[1]))
        #expect(lines[2].hasSuffix("  00000000000000000000000000000001"))
    }

    @Test("on a terminal it is cut, so that every line fits")
    func longNameOnTerminal() throws {
        #expect(try lines(columns: 120).allSatisfy { $0.count <= 120 })
    }
}
