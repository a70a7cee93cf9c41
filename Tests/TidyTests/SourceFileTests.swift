// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Tidy: source files")
struct SourceFileTests {
    private let swift = SourceTree(endings: [".swift"])
    private let all = SourceTree(endings: [".swift", ".c", ".h", ".js", ".mjs", ".css", ".py", ".sh"])

    /// Longer than the limit for a reason.
    private let longFiles: [String: String] = [:]

    @Test("the tree is found")
    func treeIsFound() {
        #expect(swift.files.contains { $0.path == "Sources/Ground/TelemetryModel/TraceID.swift" })
    }

    @Test("every source file says its licence at the top")
    func licence() {
        let without = all.files.filter { file in
            !file.lines.prefix(3).contains { $0.contains("SPDX-License-Identifier: Apache-2.0") }
        }
        #expect(without.map(\.path) == [])
    }

    @Test("no source file has more than 400 lines")
    func length() {
        let long = all.files.filter { $0.lines.count > 401 && longFiles[$0.path] == nil }
        #expect(long.map { "\($0.path): \($0.lines.count)" } == [])
    }

    @Test("no Swift line is wider than 120 columns")
    func width() {
        // swift-format keeps code within 110; this catches comments too. Tests hold long fixtures.
        let wide = SourceTree(endings: [".swift"], under: ["Sources", "Examples", "Benchmarks"]).lines {
            $0.count > 120
        }
        #expect(wide == [])
    }

    @Test("libraries neither trap on data nor print")
    func noTraps() {
        let libraries = SourceTree(
            endings: [".swift"],
            under: ["Sources/Ground", "Sources/SDK", "Sources/Instrumentations", "Sources/Backend"])
        let found = libraries.lines { line in
            let code = line.code
            return code.contains("fatalError(") || code.contains("try!")
                || code.contains("preconditionFailure(")
                || code.range(of: #"(^|[^\w.])print\("#, options: .regularExpression) != nil
        }
        #expect(found == [])
    }

    @Test("what the compiler cannot check carries its reason")
    func unchecked() {
        var found: [String] = []
        for file in swift.files where file.path.hasPrefix("Sources/") {
            for (index, line) in file.lines.enumerated()
            where line.code.contains("@unchecked Sendable") || line.code.contains("nonisolated(unsafe)") {
                let around = file.lines[max(0, index - 8)...min(index + 3, file.lines.count - 1)]
                if !around.contains(where: { $0.contains("Safety:") }) {
                    found.append("\(file.path):\(index + 1)")
                }
            }
        }
        #expect(found == [])
    }

    @Test("nothing is left to do in comments")
    func noLeftovers() {
        let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
        #expect(all.lines { line in marks.contains { line.contains($0) } } == [])
    }

    @Test("tests await conditions and do not sleep")
    func noSleeps() {
        let calls = ["Task." + "sleep", "u" + "sleep(", "Thread." + "sleep"]
        let found = SourceTree(endings: [".swift"], under: ["Tests"]).lines { line in
            calls.contains { line.code.contains($0) } && !line.contains("polls")
        }
        #expect(found == [])
    }
}
