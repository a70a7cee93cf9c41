// SPDX-License-Identifier: Apache-2.0

/// One sentence for the person at the terminal: what went wrong and what to do next.
struct CommandFailure: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
