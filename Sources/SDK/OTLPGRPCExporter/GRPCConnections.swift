// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL
import Synchronization
import TelemetrySDK

/// Keeps one connection to a receiver, and makes another when that has ended.
final class GRPCConnections: Sendable {
    private let host: String
    private let port: Int
    private let tls: NIOSSLContext?
    private let eventLoop: any EventLoop
    private let connectTimeout: TimeAmount
    private let state = Mutex(State.none(hasDialled: false))

    private enum State {
        case none(hasDialled: Bool)
        case dialling(EventLoopPromise<GRPCConnection>)
        case ready(GRPCConnection)
        case shutDown(hasDialled: Bool)
    }

    init(
        host: String, port: Int, tls: NIOSSLContext?, on eventLoop: any EventLoop,
        connectTimeout: TimeAmount = GRPCConnection.standardConnectTimeout
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.eventLoop = eventLoop
        self.connectTimeout = connectTimeout
    }

    /// Whether a connection has ever been asked for.
    var hasDialled: Bool {
        state.withLock { state in
            switch state {
            case .none(let hasDialled), .shutDown(let hasDialled): hasDialled
            case .dialling, .ready: true
            }
        }
    }

    /// Sends the call over the connection that is there, or over a new one.
    func send(_ call: GRPCCall) {
        switch next() {
        case .send(let connection): connection.send(call)
        case .wait(let connection):
            connection.whenComplete { result in
                switch result {
                case .success(let connection): connection.send(call)
                case .failure(let error): call.finish(.lost("no connection: \(error)"))
                }
            }
        case .refuse: call.finish(.lost("the exporter has been shut down"))
        }
    }

    private enum Step {
        case send(GRPCConnection)
        case wait(EventLoopFuture<GRPCConnection>)
        case refuse
    }

    private func next() -> Step {
        let promise = eventLoop.makePromise(of: GRPCConnection.self)
        let (step, dials) = state.withLock { state -> (Step, Bool) in
            switch state {
            case .shutDown: return (.refuse, false)
            case .ready(let connection) where connection.isUsable: return (.send(connection), false)
            case .dialling(let promise): return (.wait(promise.futureResult), false)
            case .none, .ready:
                state = .dialling(promise)
                return (.wait(promise.futureResult), true)
            }
        }
        if dials { dial(promise) } else { promise.fail(GRPCConnection.Failure("not dialled")) }
        return step
    }

    private func dial(_ promise: EventLoopPromise<GRPCConnection>) {
        let dialled = GRPCConnection.dial(
            host, port: port, tls: tls, on: eventLoop, connectTimeout: connectTimeout)
        dialled.whenComplete { [self] result in
            // After a shutdown nobody waits any more.
            let isWanted = state.withLock { state in
                guard case .dialling = state else { return false }
                if case .success(let connection) = result {
                    state = .ready(connection)
                } else {
                    state = .none(hasDialled: true)
                }
                return true
            }
            if isWanted {
                promise.completeWith(result)
            } else if case .success(let connection) = result {
                connection.close()
            }
        }
    }

    /// Ends what is under way.
    func shutdown() {
        let before = state.withLock { state in
            defer {
                state =
                    switch state {
                    case .none(let hasDialled), .shutDown(let hasDialled): .shutDown(hasDialled: hasDialled)
                    case .dialling, .ready: .shutDown(hasDialled: true)
                    }
            }
            return state
        }
        switch before {
        case .ready(let connection): connection.close()
        case .dialling(let promise): promise.fail(GRPCConnection.Failure("the exporter has been shut down"))
        case .none, .shutDown: break
        }
    }
}
