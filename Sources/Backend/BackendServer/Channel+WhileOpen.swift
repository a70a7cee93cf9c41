// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

extension Channel {
    /// Runs `body`, which is cancelled when the connection closes: nobody waits for what it does any more.
    func whileOpen(_ body: @escaping @Sendable () async -> Void) async {
        let task = Task(operation: body)
        closeFuture.whenComplete { _ in task.cancel() }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
