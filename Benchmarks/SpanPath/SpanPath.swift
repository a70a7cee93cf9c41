// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter
import Foundation

/// Prints what spans and log lines cost the calling thread: name, ns, ratio to the floor, allocations; tab-separated.
///
/// `SpanPath [OPERATIONS] [WORKLOAD]`: operations a round (default 200000); with a workload only that one runs, once
/// and without clocks, for instruction counters.
@main
struct SpanPath {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        let operations = arguments.first.flatMap { Int($0) } ?? 200_000
        let only = arguments.dropFirst().first
        let workloads = Workloads(queueSize: operations + operations / 10 + 512)
        if let only {
            guard let workload = workloads.all.first(where: { $0.name == only }) else {
                FileHandle.standardError.write(Data("no workload \(only)\n".utf8))
                exit(64)
            }
            return workload.body(operations)
        }
        let floor = Measurement.take("floor", operations: operations) { count in
            var sum: UInt64 = 0
            for _ in 0..<count { sum &+= contrail_floor() }
            precondition(sum != 1)
        }
        report(floor, floor: floor)
        for workload in workloads.all {
            report(
                Measurement.take(
                    workload.name, operations: operations, between: workloads.flush, workload.body),
                floor: floor)
        }
        for drops in workloads.drops() {
            FileHandle.standardError.write(Data("\(drops)\n".utf8))
        }
    }

    private static func report(_ measurement: Measurement, floor: Measurement) {
        let ratio = measurement.nanoseconds / floor.nanoseconds
        print(
            measurement.name, String(format: "%.1f", measurement.nanoseconds), String(format: "%.2f", ratio),
            String(format: "%.2f", measurement.allocations), separator: "\t")
    }
}
