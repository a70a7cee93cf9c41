// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// The member `ot` of a trace state: `th`, `rv`, and what other concerns have put there.
///
/// Source: OpenTelemetry specification 1.60, "TraceState Handling".
struct OpenTelemetryTraceState: Hashable, Sendable {
    static let key = "ot"

    // "The complete list length MUST NOT exceed 256 characters"
    static let charactersMax = 256

    /// `th`; nil when it is absent or malformed.
    var threshold: SamplingThreshold?
    /// `rv`, below 2^56; nil when it is absent or malformed.
    var randomness: UInt64?
    /// The other members as they were written, with a `;` before each.
    private let others: String

    init() { others = "" }

    /// Reads the member of `state`; everything is nil when there is none.
    init(_ state: TraceState) {
        guard !state.isEmpty, let value = state[Self.key] else {
            self.init()
            return
        }
        self.init(value: value)
    }

    /// Reads `key:value;key:value`. A malformed `th` or `rv` is as if it were absent, and is not kept.
    init(value: String) {
        var others = ""
        for member in value.split(separator: ";") {
            if member.hasPrefix("th:") {
                threshold = SamplingThreshold(hex: member.dropFirst(3))
            } else if member.hasPrefix("rv:") {
                randomness = Self.randomness(member.dropFirst(3))
            } else {
                others += ";\(member)"
            }
        }
        self.others = others
    }

    // "Values of rv MUST be exactly 14 lower-case hexadecimal digits"
    private static func randomness(_ text: Substring) -> UInt64? {
        text.utf8.count == SamplingThreshold.digitsMax ? UInt64(lowerCaseHex: text.utf8) : nil
    }

    /// The member's value; empty when there is nothing to say.
    var value: String {
        var text = others
        if let randomness { text = ";rv:" + randomness.hexOf56Bits + text }
        if let threshold { text = ";th:" + threshold.hex + text }
        return String(text.dropFirst())
    }

    // "Set values MUST be either updated or added to the ot entry in TraceState, in order to preserve existing
    // values". "If setting a value ends up making the entire ot entry exceed the 256 characters limit, SDKs are
    // advised to abort the operation and signal the user about the error".
    /// `state` with this member; as it was, and false, when the member would be too long.
    func written(into state: TraceState) -> (TraceState, Bool) {
        let value = value
        guard value != state[Self.key] ?? "" else { return (state, true) }
        guard !value.isEmpty else { return (state.removing(Self.key), true) }
        guard value.utf8.count <= Self.charactersMax, let changed = state.setting(Self.key, to: value) else {
            return (state, false)
        }
        return (changed, true)
    }
}
