// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Asks again and again, after 1 ms and then less and less often, to every 50 ms, until `probe` gives something: for what
/// others do without telling us. Throws when `patience` is over, with what was waited for.
package func eventually<Value>(
    _ what: String, within patience: Duration = .seconds(30), _ probe: () async throws -> Value?
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + patience
    var pause = Duration.milliseconds(1)
    var last: (any Error)?
    while clock.now < end {
        do {
            if let value = try await probe() { return value }
        } catch {
            last = error
        }
        try await Task.sleep(for: pause)  // polls
        pause = min(pause * 2, .milliseconds(50))
    }
    throw Program.Failure(
        description: "waited \(patience) for \(what)\(last.map { "; last error: \($0)" } ?? "")")
}

/// Waits until `condition` holds; false when it does not within 30 s.
package func eventually(_ condition: () -> Bool) async -> Bool {
    await (try? eventually("a condition") { condition() ? true : nil }) ?? false
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
