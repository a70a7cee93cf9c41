// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the connections of a receiver write down, and what they are to do.
final class ReceiverLog: Sendable {
    struct State {
        var script: [Fault]
        var requests: [FaultyReceiver.Request] = []
        var connections = 0
        var open: [ObjectIdentifier: any Channel] = [:]
    }

    private let state: Mutex<State>
    private let otherwise: Fault

    init(_ script: [Fault], otherwise: Fault) {
        state = Mutex(State(script: script))
        self.otherwise = otherwise
    }

    var requests: [FaultyReceiver.Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }
    var open: [any Channel] { state.withLock { Array($0.open.values) } }
    var isRefusing: Bool { state.withLock { ($0.script.first ?? otherwise).isRefusal } }

    /// One attempt has been refused. Whether the next one is to be, too.
    func refused() -> Bool {
        state.withLock { state in
            if state.script.first?.isRefusal == true { state.script.removeFirst() }
            return (state.script.first ?? otherwise).isRefusal
        }
    }

    /// A connection has been made; its number, and what is to become of it: nil when its requests decide.
    func opened(_ channel: any Channel) -> (number: Int, fault: Fault?) {
        state.withLock { state in
            state.open[ObjectIdentifier(channel)] = channel
            defer { state.connections += 1 }
            let next = state.script.first ?? otherwise
            guard next.isOfConnection else { return (state.connections, nil) }
            if !state.script.isEmpty { state.script.removeFirst() }
            return (state.connections, next)
        }
    }

    func closed(_ channel: any Channel) {
        state.withLock { state in
            state.open[ObjectIdentifier(channel)] = nil
        }
    }

    /// Whether the next request is to be cut off in its middle; then that is used up.
    func resetsNextRequest() -> Bool {
        state.withLock { state in
            guard case .resetInRequest = state.script.first ?? otherwise else { return false }
            if !state.script.isEmpty { state.script.removeFirst() }
            return true
        }
    }

    /// A request has arrived whole; what to do with it. A fault that is one of connections waits for the next
    /// connection: this one is closed.
    func received(_ request: FaultyReceiver.Request) -> Fault {
        state.withLock { state in
            state.requests.append(request)
            guard let next = state.script.first else { return otherwise }
            if next.isOfConnection { return .disconnect }
            return state.script.removeFirst()
        }
    }
}

extension Channel {
    /// Closes with RST instead of FIN.
    func reset() {
        guard let provider = self as? any SocketOptionProvider else { return close(promise: nil) }
        // A `struct linger`: on, and for no time.
        let linger: (Int32, Int32) = (1, 0)
        provider.unsafeSetSocketOption(level: .init(SOL_SOCKET), name: .init(SO_LINGER), value: linger)
            .whenComplete { _ in self.close(promise: nil) }
    }
}
