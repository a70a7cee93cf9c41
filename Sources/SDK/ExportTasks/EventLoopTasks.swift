// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Runs tasks on an event loop.
///
/// A request changes between its task and its connection several times. On two threads each change wakes a thread, and
/// on a busy machine waits until that gets a processor: in a burst over gRPC the sender changes threads a third as
/// often when task and connection share one. For work that waits, not for work that computes: the event loop has other
/// connections to serve.
package final class EventLoopTasks: TaskExecutor {
    package let eventLoop: any EventLoop

    package init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
