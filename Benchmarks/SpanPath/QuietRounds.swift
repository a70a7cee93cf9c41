// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter

/// The rounds of a workload in which the machine was quiet.
///
/// A shared machine changes its speed by half within seconds, and the floor less than what has more instructions. So
/// the floor is measured before and after each round, and of all rounds those few count around which it was fastest.
/// The workload's own time has no part in that choice.
struct QuietRounds {
    static let taken = 25
    static let kept = 5

    let nanoseconds: Double
    let floorNanoseconds: Double

    /// - Parameters:
    ///   - operations: of one round; the floor gets half as many.
    ///   - round: returns nanoseconds for one operation.
    ///   - between: is called after each round, and not measured.
    /// - Returns: medians of the rounds that count.
    static func take(_ operations: Int, _ round: () -> Double, between: () -> Void = {}) -> QuietRounds {
        var rounds: [(nanoseconds: Double, floor: Double, slowestFloor: Double)] = []
        for _ in 0..<taken {
            let before = floor(operations)
            let nanoseconds = round()
            let after = floor(operations)
            rounds.append((nanoseconds, (before + after) / 2, max(before, after)))
            between()
        }
        let quiet = rounds.sorted { $0.slowestFloor < $1.slowestFloor }.prefix(kept)
        return QuietRounds(
            nanoseconds: quiet.map(\.nanoseconds).median, floorNanoseconds: quiet.map(\.floor).median)
    }

    private static func floor(_ operations: Int) -> Double {
        let count = max(1, operations / 2)
        let before = contrail_thread_cpu_nanoseconds()
        SpanPath.floorBody(count)
        return Double(contrail_thread_cpu_nanoseconds() - before) / Double(count)
    }
}
