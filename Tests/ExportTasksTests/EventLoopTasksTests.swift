// SPDX-License-Identifier: Apache-2.0

import ExportTasks
import NIOCore
import NIOPosix
import Testing

@Suite("Export: tasks on event loops")
struct EventLoopTasksTests {
    private let tasks = EventLoopTasks(MultiThreadedEventLoopGroup.singleton.next())

    @Test("a task, what it awaits and its children run on the event loop, and whoever waits for it does not")
    func onEventLoop() async {
        let loop = tasks.eventLoop
        let places = await withTaskExecutorPreference(tasks) {
            let before = loop.inEventLoop
            await Task.yield()
            async let child = loop.inEventLoop
            return [before, await child, loop.inEventLoop]
        }
        #expect(places == [true, true, true])
        #expect(!loop.inEventLoop)
    }

    @Test("what other threads resume comes back to the event loop")
    func resumed() async {
        let loop = tasks.eventLoop
        let isBack = await withTaskExecutorPreference(tasks) {
            await withCheckedContinuation { continuation in
                Task.detached { continuation.resume() }
            }
            return loop.inEventLoop
        }
        #expect(isBack)
    }
}
