// SPDX-License-Identifier: Apache-2.0

/// What log handlers do with secrets; which names they have says `SecretNames`.
enum LogSecrets {
    /// Written instead of the value.
    static let replacement = "[redacted]"
}
