// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Tidy: README")
struct ReadmeTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: SourceTree.root.appending(path: path), encoding: .utf8)
    }

    @Test("its ten lines are the program that CI builds and runs")
    func tenLines() throws {
        let program = try text("Examples/Stranger/Sources/stranger/main.swift")
            .split(separator: "\n", omittingEmptySubsequences: false).dropFirst(2)
            .joined(separator: "\n").trimmingCharacters(in: .newlines)
        #expect(try text("README.md").contains("```swift\n\(program)\n```"))
    }

    @Test(
        "what it and its neighbours link to exists",
        arguments: [
            "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "Examples/Shop/README.md",
            "Benchmarks/README.md",
        ])
    func links(page: String) throws {
        let folder = SourceTree.root.appending(path: page).deletingLastPathComponent()
        let missing = try text(page).matches(of: /\]\(([^)#:]+)\)/).map { String($0.1) }.filter {
            !FileManager.default.fileExists(atPath: folder.appending(path: $0).path())
        }
        #expect(missing == [])
    }
}
