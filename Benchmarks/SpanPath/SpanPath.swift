// SPDX-License-Identifier: Apache-2.0

import CAllocationCounter
import Foundation

/// Prints what spans and log lines cost the calling thread: name, ns, ratio to the floor, allocations; tab-separated.
///
/// `SpanPath [OPERATIONS] [WORKLOAD]`: operations a round (default 200000); with a workload only that one runs, once
/// and without clocks, for instruction counters. In place of a workload, `global` measures those that need a global
/// tracer, `threads` what two threads do against one, and `delivered URL` what a span costs the whole process until an
/// OTLP/gRPC receiver has it.
@main
struct SpanPath {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        let operations = arguments.first.flatMap { Int($0) } ?? 200_000
        let only = arguments.dropFirst().first
        let workloads = Workloads(queueSize: operations + operations / 10 + 512)
        switch only {
        case nil: measure(workloads.all, workloads, operations)
        case "global": measure(workloads.global, workloads, operations)
        case "threads": TwoThreads.measure(workloads, operations)
        case "delivered":
            Delivered.measure(arguments.dropFirst(2).first ?? "http://localhost:4317", operations)
        case let name?:
            guard let workload = (workloads.all + workloads.global).first(where: { $0.name == name }) else {
                FileHandle.standardError.write(Data("no workload \(name)\n".utf8))
                exit(64)
            }
            workload.body(operations)
        }
    }

    static func floor(_ operations: Int) -> Measurement {
        Measurement.take("floor", operations: operations, floorBody)
    }

    @Sendable static func floorBody(_ count: Int) {
        var sum: UInt64 = 0
        for _ in 0..<count { sum &+= contrail_floor() }
        precondition(sum != 1)
    }

    private static func measure(_ all: [Workloads.Workload], _ workloads: Workloads, _ operations: Int) {
        let floor = floor(operations)
        report(floor)
        for workload in all {
            report(
                Measurement.take(
                    workload.name, operations: operations, between: workloads.flush, workload.body))
        }
        for drops in workloads.drops() {
            FileHandle.standardError.write(Data("\(drops)\n".utf8))
        }
    }

    private static func report(_ measurement: Measurement) {
        print(
            measurement.name, String(format: "%.1f", measurement.nanoseconds),
            String(format: "%.2f", measurement.ratio), String(format: "%.2f", measurement.allocations),
            separator: "\t")
    }
}
