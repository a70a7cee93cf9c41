// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Asks again every 50 ms until `probe` gives something: for what another process does without telling us.
/// Throws when `patience` is over, with what was waited for.
package func eventually<Value>(
    _ what: String, within patience: Duration = .seconds(30), _ probe: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + patience
    var last: (any Error)?
    while clock.now < end {
        do {
            if let value = try await probe() { return value }
        } catch {
            last = error
        }
        try await Task.sleep(for: .milliseconds(50))  // polls
    }
    throw Program.Failure(
        description: "waited \(patience) for \(what)\(last.map { "; last error: \($0)" } ?? "")")
}

/// A fresh folder that is removed when the value goes.
package final class TemporaryFolder: Sendable {
    package let url: URL

    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "contrail-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
