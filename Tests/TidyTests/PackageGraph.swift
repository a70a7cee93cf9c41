// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Targets and arrows of the manifest, as `swift package dump-package` gives them.
struct PackageGraph {
    struct Target {
        let name: String
        let type: String
        let path: String
        /// Targets of this package.
        let targets: [String]
        /// Products of other packages.
        let products: [String]
    }

    let targets: [Target]

    init() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // A scratch path of its own: the running test holds the lock of the usual one.
        let scratch = FileManager.default.temporaryDirectory.appending(
            path: "contrail-tidy-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        process.arguments = [
            "swift", "package", "--package-path", SourceTree.root.path(), "--scratch-path", scratch.path(),
            "dump-package",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        self.targets = try JSONDecoder().decode(Manifest.self, from: data).targets.map { target in
            Target(
                name: target.name, type: target.type, path: target.path ?? "",
                targets: target.dependencies.compactMap { $0.byName ?? $0.target },
                products: target.dependencies.compactMap(\.product))
        }
    }

    subscript(name: String) -> Target? { targets.first { $0.name == name } }

    private struct Manifest: Decodable {
        struct Target: Decodable {
            let name: String
            let type: String
            let path: String?
            let dependencies: [Dependency]
        }
        let targets: [Target]
    }

    /// `{"byName": ["Name", condition]}`, `{"target": […]}` or `{"product": ["Name", "package", …]}`.
    private struct Dependency: Decodable {
        let byName: String?
        let target: String?
        let product: String?

        private enum Keys: String, CodingKey { case byName, target, product }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            func first(_ key: Keys) throws -> String? {
                guard container.contains(key) else { return nil }
                var list = try container.nestedUnkeyedContainer(forKey: key)
                return try list.decode(String.self)
            }
            byName = try first(.byName)
            target = try first(.target)
            product = try first(.product)
        }
    }
}
