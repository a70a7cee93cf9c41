// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The checked-out tree, read as text.
struct SourceTree {
    struct File {
        /// Relative to the root of the package.
        let path: String
        let text: String

        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let roots = ["Sources", "Tests", "Benchmarks", "Examples", "Scripts", "web", ".ci"]

    let files: [File]

    /// Every file of the tree whose name ends in one of `endings`; build folders and the like are left out.
    init(endings: [String], under roots: [String] = Self.roots) {
        var files: [File] = []
        for folder in roots {
            let base = Self.root.appending(path: folder)
            for case let url as URL in FileManager.default.enumerator(
                at: base, includingPropertiesForKeys: nil) ?? .init()
            {
                let path = String(url.path().dropFirst(Self.root.path().count))
                guard !path.split(separator: "/").contains(where: { $0.hasPrefix(".") && $0 != ".ci" }),
                    endings.contains(where: { path.hasSuffix($0) }),
                    let text = try? String(contentsOf: url, encoding: .utf8)
                else { continue }
                files.append(File(path: path, text: text))
            }
        }
        self.files = files.sorted { $0.path < $1.path }
    }

    /// The lines of all files that `isWrong` picks, as `path:line: text`.
    func lines(where isWrong: (Substring) -> Bool) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { isWrong($0.element) }
                .map { "\(file.path):\($0.offset + 1): \($0.element.trimmingCharacters(in: .whitespaces))" }
        }
    }
}

extension Substring {
    /// The line without what stands behind `//` and without string literals on one line.
    var code: String {
        var out = ""
        var inString = false
        var previous: Character = " "
        for character in self {
            if character == "\"", previous != "\\" { inString.toggle() }
            if !inString, character == "/", previous == "/" { return String(out.dropLast()) }
            if !inString || character == "\"" { out.append(character) }
            previous = character
        }
        return out
    }
}
