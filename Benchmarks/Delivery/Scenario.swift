// SPDX-License-Identifier: Apache-2.0

/// How spans are made.
struct Scenario: Sendable {
    var name: String
    /// Nil: the default.
    var queueSize: Int?
    var threads: Int
    /// Of each thread; nil for as fast as it can.
    var spansPerSecond: Int?
    /// Of all threads together, when as fast as they can.
    var spans = 200_000

    static let all = [
        Scenario(name: "burst", threads: 2),
        Scenario(name: "burst-all", queueSize: 262_144, threads: 2),
        Scenario(name: "steady-20k", threads: 1, spansPerSecond: 20_000),
        Scenario(name: "steady-100k", threads: 1, spansPerSecond: 100_000),
    ]
}
