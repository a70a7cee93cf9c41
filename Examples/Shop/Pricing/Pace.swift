// SPDX-License-Identifier: Apache-2.0

import ShopCommon
import Synchronization

/// How long each answer takes: the same every time for one seed, so that a demonstration can be repeated.
final class Pace: Sendable {
    private struct State {
        var requests = 0
        var random: UInt64
    }

    private let slowEvery: Int
    private let slow: Duration
    private let state: Mutex<State>

    /// Reads `SHOP_SLOW_EVERY` (each how many-th request is slow; 0 for none; default 5), `SHOP_SLOW_MS`
    /// (default 400) and `SHOP_SEED` (default 1).
    init() throws {
        slowEvery = try ShopService.number("SHOP_SLOW_EVERY", in: 0...1_000_000, else: 5)
        slow = .milliseconds(try ShopService.number("SHOP_SLOW_MS", in: 0...60_000, else: 400))
        state = Mutex(State(random: UInt64(try ShopService.number("SHOP_SEED", in: 0...Int.max, else: 1))))
    }

    /// The time that the next answer takes.
    func next() -> Duration {
        let (number, random) = state.withLock { state in
            state.requests += 1
            // Knuth's MMIX generator: enough for a few milliseconds more or less.
            state.random = state.random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state.requests, state.random >> 33)
        }
        let usual = Duration.milliseconds(4 + Int(random % 12))
        return slowEvery > 0 && number % slowEvery == 0 ? slow + usual : usual
    }
}
