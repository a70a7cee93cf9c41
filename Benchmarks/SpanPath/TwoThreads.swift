// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// How many spans two threads make in the time in which one makes one, tab-separated; and the same of the floor, which
/// shares nothing: what the machine gives.
enum TwoThreads {
    private static let rounds = 5

    static func measure(_ workloads: Workloads, _ operations: Int) {
        let floor = Workloads.Workload(name: "floor", body: SpanPath.floorBody)
        for workload in [floor] + workloads.shared {
            workload.body(operations / 10)
            workloads.flush()
            // Alternately, so that what else the machine does meets both.
            let ratios = (0..<rounds).map { _ in
                let one = wallSeconds(threads: 1, operations / 2, workload)
                workloads.flush()
                let two = wallSeconds(threads: 2, operations / 2, workload)
                workloads.flush()
                return 2 * one / two
            }
            print(
                "threads/\(workload.name)", String(format: "%.2f", ratios.median),
                separator: "\t")
        }
    }

    private static func wallSeconds(threads: Int, _ operations: Int, _ workload: Workloads.Workload) -> Double
    {
        let ready = DispatchSemaphore(value: 0)
        let start = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        for _ in 0..<threads {
            Thread.detachNewThread {
                ready.signal()
                start.wait()
                workload.body(operations)
                done.signal()
            }
        }
        for _ in 0..<threads { ready.wait() }
        let before = DispatchTime.now().uptimeNanoseconds
        for _ in 0..<threads { start.signal() }
        for _ in 0..<threads { done.wait() }
        return Double(DispatchTime.now().uptimeNanoseconds - before) / 1e9
    }
}
