// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import NIOPosix

/// Runs the tasks of a connection on the connection's event loop.
///
/// A request changes between its task and its connection half a dozen times. Each change to another thread wakes
/// that, which costs more than what small requests do on either. What a task does here is short: it reads bytes that
/// are there, looks through them once, and waits for the store, which works on a thread of its own.
///
/// A task goes on where it is woken: an event loop wakes the tasks of its own connections. What is woken elsewhere,
/// as by the store, needs ``ofThisThread`` around its wait to come back.
package final class ConnectionTasks: TaskExecutor {
    /// Runs tasks on one event loop.
    package final class Loop: TaskExecutor {
        fileprivate let eventLoop: any EventLoop

        fileprivate init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

        package func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    /// Those of the group on which all connections are.
    package static let shared = ConnectionTasks(MultiThreadedEventLoopGroup.singleton)

    private let group: MultiThreadedEventLoopGroup
    private let loops: [ObjectIdentifier: Loop]

    private init(_ group: MultiThreadedEventLoopGroup) {
        self.group = group
        var loops: [ObjectIdentifier: Loop] = [:]
        for loop in group.makeIterator() { loops[ObjectIdentifier(loop)] = Loop(loop) }
        self.loops = loops
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? group.next()
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// For the tasks of one connection; nil when it is on no event loop of the group.
    package func loop(of connection: any Channel) -> Loop? { loops[ObjectIdentifier(connection.eventLoop)] }

    /// The event loop on which this is called; nil elsewhere.
    package var ofThisThread: Loop? {
        MultiThreadedEventLoopGroup.currentEventLoop.flatMap { loops[ObjectIdentifier($0)] }
    }
}
