// SPDX-License-Identifier: Apache-2.0

/// Lets so many through in a second, and at most a second's worth, but at least one, at once.
///
/// Pure: the time comes in. Begins full, as in OpenTelemetry Go.
struct TokenBucket: Hashable, Sendable {
    private(set) var perSecond: Double
    private var balance: Double
    private var lastNano: UInt64

    private var capacity: Double { max(perSecond, 1) }

    init(perSecond: Double, at nano: UInt64) {
        self.perSecond = perSecond
        balance = max(perSecond, 1)
        lastNano = nano
        // At no rate at all there is not even a first one.
        if perSecond <= 0 { balance = 0 }
    }

    /// Takes one; false when there is none.
    mutating func take(at nano: UInt64) -> Bool {
        // A clock that threads read before they come here may seem to go back.
        if nano > lastNano {
            balance = min(capacity, balance + Double(nano - lastNano) / 1e9 * perSecond)
            lastNano = nano
        }
        guard balance >= 1 else { return false }
        balance -= 1
        return true
    }

    /// Goes on at another speed with what has been saved.
    mutating func change(perSecond: Double) {
        self.perSecond = perSecond
        balance = min(balance, perSecond <= 0 ? 0 : capacity)
    }
}
