// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// The connections of one listener, to be closed when patience is at its end.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Closed at once when ``closeAll()`` was called before.
    func add(_ channel: any Channel) {
        let key = ObjectIdentifier(channel)
        let isClosed = state.withLock { state in
            state.channels[key] = channel
            return state.isClosed
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { _ = $0.channels.removeValue(forKey: key) }
        }
        if isClosed { channel.close(promise: nil) }
    }

    func closeAll() {
        let channels = state.withLock { state in
            state.isClosed = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.close(promise: nil) }
    }
}
