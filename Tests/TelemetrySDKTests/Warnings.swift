// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Keeps lines of text from many threads.
final class Warnings: Sendable {
    private let state = Mutex<[String]>([])
    var all: [String] { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0.append(line) } }
}
