// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// The channels of one listener, so that a shutdown can reach them.
final class ConnectionSet: Sendable {
    private struct State {
        var listener: (any Channel)?
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isQuiescing = false
    }

    private let state = Mutex(State())

    /// Notes the channel that accepts; false when the shutdown began before.
    func open(_ listener: any Channel) -> Bool {
        state.withLock { state in
            state.listener = listener
            return !state.isQuiescing
        }
    }

    func add(_ connection: any Channel) {
        let key = ObjectIdentifier(connection)
        let isQuiescing = state.withLock { state in
            state.connections[key] = connection
            return state.isQuiescing
        }
        connection.closeFuture.whenComplete { [weak self] _ in self?.remove(key) }
        if isQuiescing { connection.close(promise: nil) }
    }

    private func remove(_ key: ObjectIdentifier) {
        _ = state.withLock { $0.connections.removeValue(forKey: key) }
    }

    /// Stops accepting and asks every connection to close after the request it is working on.
    func quiesce() {
        let (listener, connections) = state.withLock { state in
            state.isQuiescing = true
            return (state.listener, Array(state.connections.values))
        }
        listener?.close(promise: nil)
        for connection in connections {
            connection.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// Closes everything at once, whatever is under way.
    func closeAll() {
        let (listener, connections) = state.withLock { state in
            state.isQuiescing = true
            return (state.listener, Array(state.connections.values))
        }
        listener?.close(promise: nil)
        for connection in connections {
            connection.pipeline.fireUserInboundEventTriggered(CloseAtOnceEvent())
            connection.close(promise: nil)
        }
    }
}

/// Tells the handlers of a connection that the close behind it is meant: nobody waits for anything more.
struct CloseAtOnceEvent: Sendable {}
