// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule

/// What a caller said about sampling that W3C's flags cannot say; it lives beside the span context and is sent on by
/// the formats that know it.
enum CallerDecision: Sendable {
    /// Record it whatever the sampler says, and keep it out of sampled statistics (B3 `d`, Jaeger bit 1).
    case debug
    /// Whoever receives it shall decide (B3 without a sampling state).
    case deferred

    private enum Key: ServiceContextKey {
        typealias Value = CallerDecision
        static let nameOverride: String? = "caller-decision"
    }

    static func of(_ context: ServiceContext) -> CallerDecision? { context.isEmpty ? nil : context[Key.self] }

    static func set(_ decision: CallerDecision?, in context: inout ServiceContext) {
        context[Key.self] = decision
    }
}
