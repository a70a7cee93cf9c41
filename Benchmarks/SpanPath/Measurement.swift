// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter

/// What one operation costs the thread that calls it.
struct Measurement {
    let name: String
    /// CPU time of the calling thread for one operation, median of the quiet rounds.
    let nanoseconds: Double
    /// Allocations of the calling thread for one operation, median of all rounds.
    let allocations: Double
    /// What the floor took around them, median of the quiet rounds.
    let floorNanoseconds: Double

    /// Times what the floor takes.
    var ratio: Double { nanoseconds / floorNanoseconds }

    /// Runs `body` with `operations` some rounds, after a warm-up; `between` is not measured.
    static func take(
        _ name: String, operations: Int, between: () -> Void = {}, _ body: (Int) -> Void
    ) -> Measurement {
        body(max(1, operations / 10))
        between()
        var allocations: [Double] = []
        let rounds = QuietRounds.take(operations) {
            let allocationsBefore = contrail_allocations_of_this_thread()
            let before = contrail_thread_cpu_nanoseconds()
            body(operations)
            let after = contrail_thread_cpu_nanoseconds()
            let allocationsAfter = contrail_allocations_of_this_thread()
            allocations.append(Double(allocationsAfter - allocationsBefore) / Double(operations))
            return Double(after - before) / Double(operations)
        } between: {
            between()
        }
        return Measurement(
            name: name, nanoseconds: rounds.nanoseconds, allocations: allocations.median,
            floorNanoseconds: rounds.floorNanoseconds)
    }
}

extension [Double] {
    var median: Double { isEmpty ? .nan : sorted()[count / 2] }
}
