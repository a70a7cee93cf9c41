// SPDX-License-Identifier: Apache-2.0

/// One sentence for the person at the terminal: what went wrong and what to do next.
struct CommandFailure: Error, Hashable, CustomStringConvertible {
    let description: String
    /// The word that contrail's API has for it, when it comes from there.
    let code: String?

    init(_ description: String, code: String? = nil) {
        self.description = description
        self.code = code
    }
}
