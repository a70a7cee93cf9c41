// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter

/// What one operation costs the thread that calls it.
struct Measurement {
    let name: String
    /// CPU time of the calling thread for one operation, median of the rounds.
    let nanoseconds: Double
    /// Allocations of the calling thread for one operation, median of the rounds.
    let allocations: Double
    /// What the floor took in between, median of the rounds: a machine that others use is not equally fast for long.
    let floorNanoseconds: Double

    /// Times what the floor takes.
    var ratio: Double { nanoseconds / floorNanoseconds }

    static let rounds = 5

    /// Runs `body` with `operations` some rounds, after a warm-up; `between` is not measured.
    static func take(
        _ name: String, operations: Int, between: () -> Void = {}, _ body: (Int) -> Void
    ) -> Measurement {
        body(max(1, operations / 10))
        between()
        var times: [Double] = []
        var allocations: [Double] = []
        var floors: [Double] = []
        for _ in 0..<rounds {
            let floorBefore = contrail_thread_cpu_nanoseconds()
            SpanPath.floorBody(operations / 2)
            let floorAfter = contrail_thread_cpu_nanoseconds()
            floors.append(Double(floorAfter - floorBefore) / Double(max(1, operations / 2)))
            let allocationsBefore = contrail_allocations_of_this_thread()
            let before = contrail_thread_cpu_nanoseconds()
            body(operations)
            let after = contrail_thread_cpu_nanoseconds()
            let allocationsAfter = contrail_allocations_of_this_thread()
            times.append(Double(after - before) / Double(operations))
            allocations.append(Double(allocationsAfter - allocationsBefore) / Double(operations))
            between()
        }
        return Measurement(
            name: name, nanoseconds: median(times), allocations: median(allocations),
            floorNanoseconds: median(floors))
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
