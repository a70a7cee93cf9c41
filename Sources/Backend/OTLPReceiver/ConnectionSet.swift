// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import Synchronization

/// The channels of one listener, so that a shutdown can reach them.
package final class ConnectionSet: Sendable {
    private struct State {
        var listener: (any Channel)?
        var isListening = false
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isQuiescing = false
        var waiters: [CheckedContinuation<Void, Never>] = []

        /// Those who wait for the end, when it has come.
        mutating func waitersToWake() -> [CheckedContinuation<Void, Never>] {
            guard isOver else { return [] }
            defer { waiters = [] }
            return waiters
        }

        var isOver: Bool { !isListening && connections.isEmpty }
    }

    private let state = Mutex(State())

    package init() {}

    /// Notes the channel that accepts; false when the shutdown began before.
    package func open(_ listener: any Channel) -> Bool {
        let isWanted = state.withLock { state in
            state.listener = listener
            state.isListening = true
            return !state.isQuiescing
        }
        listener.closeFuture.whenComplete { [self] _ in change { $0.isListening = false } }
        return isWanted
    }

    package func add(_ connection: any Channel) {
        let key = ObjectIdentifier(connection)
        let isQuiescing = state.withLock { state in
            state.connections[key] = connection
            return state.isQuiescing
        }
        connection.closeFuture.whenComplete { [weak self] _ in
            self?.change { _ = $0.connections.removeValue(forKey: key) }
        }
        if isQuiescing { connection.close(promise: nil) }
    }

    private func change(_ body: (inout sending State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            return state.waitersToWake()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when nothing is accepted any more and all connections are closed.
    package func allClosed() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiters.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// Stops accepting and asks every connection to close after the requests it is working on.
    package func quiesce() {
        let (listener, connections) = close()
        listener?.close(promise: nil)
        for connection in connections {
            connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// Closes everything at once, whatever is under way.
    package func closeAll() {
        let (listener, connections) = close()
        listener?.close(promise: nil)
        for connection in connections {
            connection.pipeline.fireUserInboundEventTriggered(CloseAtOnceEvent())
            connection.close(promise: nil)
        }
    }

    private func close() -> (listener: (any Channel)?, connections: [any Channel]) {
        state.withLock { state in
            state.isQuiescing = true
            return (state.listener, Array(state.connections.values))
        }
    }
}

/// Tells the handlers of a connection that the close behind it is meant: nobody waits for anything more.
package struct CloseAtOnceEvent: Sendable {}
