// SPDX-License-Identifier: Apache-2.0

import Foundation
import TelemetryModel
import TelemetryResources

/// A folder that stands for `/`, with the files that a test names; removed when the value goes.
final class FakeRoot {
    let path: String

    init(_ files: [String: String], links: [String: String] = [:]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "contrail-root-\(UUID().uuidString)")
            .path()
        for (name, text) in files {
            try folder(of: name)
            try text.write(toFile: path + name, atomically: false, encoding: .utf8)
        }
        for (name, target) in links {
            try folder(of: name)
            try FileManager.default.createSymbolicLink(atPath: path + name, withDestinationPath: target)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func folder(of name: String) throws {
        let folder = path + name.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func surroundings(_ environment: [String: String] = [:]) -> DetectionSurroundings {
        DetectionSurroundings(environment: environment, root: path)
    }
}

extension ResourceDetector {
    /// The attributes that it finds, as text.
    func found(in root: FakeRoot, _ environment: [String: String] = [:]) throws -> [String: String] {
        let resource = try detect(in: root.surroundings(environment))
        return Dictionary(
            uniqueKeysWithValues: resource.attributes.map { attribute in
                switch attribute.value {
                case .string(let text): (attribute.key, text)
                case .int(let number): (attribute.key, "\(number)")
                default: (attribute.key, "?")
                }
            })
    }
}
