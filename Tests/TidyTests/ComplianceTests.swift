// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Tidy: compliance matrix")
struct ComplianceTests {
    private struct Row {
        let number: Int
        let section: String
        let feature: String
        let state: String
        let test: String
    }

    private func rows() throws -> [Row] {
        let text = try String(
            contentsOf: SourceTree.root.appending(path: "docs/spec-compliance.tsv"), encoding: .utf8)
        return try text.split(separator: "\n").dropFirst().enumerated().map { number, line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 7, "line \(number + 2) has \(fields.count) fields, not 7")
            return Row(
                number: number + 2, section: fields[0], feature: fields[1], state: fields[5], test: fields[6])
        }
    }

    /// `Suite/test` of every test in the tree, by the names that are written at `@Suite` and `@Test`.
    private func tests() -> Set<String> {
        var names: Set<String> = []
        for file in SourceTree(endings: [".swift"], under: ["Tests"]).files {
            var suite = ""
            for match in file.text.matches(of: /@(Suite|Test)\(\s*"((?:[^"\\]|\\.)*)"/) {
                if match.1 == "Suite" { suite = String(match.2) } else { names.insert("\(suite)/\(match.2)") }
            }
        }
        return names
    }

    @Test("the matrix has the specification's 326 rows")
    func rowCount() throws {
        #expect(try rows().count == 326)
    }

    @Test("a row is yes with a test that exists, no without one, or waived with a reason")
    func everyYesHasItsTest() throws {
        let tests = tests()
        var wrong: [String] = []
        for row in try rows() {
            let place = "line \(row.number), \(row.section) › \(row.feature)"
            switch row.state {
            case "yes" where !tests.contains(row.test):
                wrong.append("\(place): no test named \"\(row.test)\"")
            case "yes": break
            case "no" where !row.test.isEmpty: wrong.append("\(place): is no and names a test")
            case "no": break
            case let state where state.hasPrefix("waived: ") && state.count > 12: break
            default: wrong.append("\(place): \"\(row.state)\" is neither yes, no nor waived with a reason")
            }
        }
        #expect(wrong == [])
    }
}
