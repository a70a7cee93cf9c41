// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Tidy: documentation")
struct DocumentationTests {
    /// A block of Swift in a page, and where it stands.
    private struct Snippet {
        let place: String
        let lines: [String]
    }

    private static func stripped(_ lines: some Sequence<Substring>) -> [String] {
        lines.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// The Swift blocks of Markdown, or of documentation comments when `prefix` says how these begin.
    private static func snippets(of file: SourceTree.File, prefix: String = "") -> [Snippet] {
        var found: [Snippet] = []
        var block: [Substring]?
        for (number, raw) in file.lines.enumerated() {
            let trimmed = raw.drop { $0 == " " }
            guard trimmed.hasPrefix(prefix) else {
                block = nil
                continue
            }
            let line = trimmed.dropFirst(prefix.count).drop { $0 == " " }
            if line.hasPrefix("```swift") {
                block = []
            } else if line.hasPrefix("```"), let lines = block {
                found.append(Snippet(place: "\(file.path):\(number + 1)", lines: stripped(lines)))
                block = nil
            } else {
                block?.append(line)
            }
        }
        return found
    }

    private static let compiled = SourceTree(endings: [".swift"], under: ["Tests/SnippetTests", "Examples"])
        .files
        .map { stripped($0.lines) }

    /// The snippet's lines stand in the file one after the other; its imports anywhere.
    private static func contains(_ snippet: Snippet, in file: [String]) -> Bool {
        let code = snippet.lines.filter { !$0.hasPrefix("import ") }
        let imports = snippet.lines.filter { $0.hasPrefix("import ") }
        guard imports.allSatisfy({ file.contains($0) }), code.count <= file.count else { return false }
        return (0...(file.count - code.count)).contains { Array(file[$0..<($0 + code.count)]) == code }
    }

    @Test(
        "every Swift block of the articles, pages and documentation comments stands in code that is compiled")
    func compiles() {
        let pages = SourceTree(endings: [".md"], under: ["Sources", "docs", "Examples"]).files
        let sources = SourceTree(endings: [".swift"], under: ["Sources"]).files
        let snippets =
            pages.flatMap { Self.snippets(of: $0) } + sources.flatMap { Self.snippets(of: $0, prefix: "///") }
        #expect(snippets.count > 20)
        let uncompiled = snippets.filter { snippet in
            !Self.compiled.contains { Self.contains(snippet, in: $0) }
        }
        #expect(uncompiled.map(\.place) == [])
    }

    @Test("every public library has a catalogue with a page of its own, and its articles ask a question")
    func catalogues() throws {
        let manifest = try String(
            contentsOf: SourceTree.root.appending(path: "Package.swift"), encoding: .utf8)
        let libraries = manifest.matches(of: /\.library\(name: "(\w+)"/).map { String($0.1) }
        #expect(libraries.count >= 10)
        let pages = SourceTree(endings: [".md"], under: ["Sources"]).files.filter {
            $0.path.contains(".docc/")
        }
        for library in libraries {
            #expect(pages.contains { $0.path.hasSuffix("/\(library).docc/\(library).md") }, "\(library)")
        }
        let articles = pages.filter { page in !libraries.contains { page.path.hasSuffix("/\($0).md") } }
        for article in articles {
            let title = article.lines.first ?? ""
            #expect(
                title.hasPrefix("# ") && title.contains("?"), "\(article.path) is not named by a question")
        }
    }
}
