// SPDX-License-Identifier: Apache-2.0

import FaultyReceiver
import TelemetrySDK
import Testing

/// One row of "what happens when …": what the receiver does, and what becomes of the spans.
struct FaultCase: Sendable, CustomTestStringConvertible {
    /// What becomes of the spans of one run.
    struct Outcome: Sendable {
        enum Count: Sendable, Equatable {
            case delivered
            case lost(SpanDropReason)
            /// So many of them were not taken.
            case partly(rejected: Int)
        }

        var counted = Count.delivered
        /// Attempts at all batches together.
        var attempts = 1...1
        /// How often each span arrives whole at the receiver.
        var arrivals = 1...1
        /// Waits between attempts; nil when the row is not about them.
        var waits: [Duration]?
        /// How far from these they may be.
        var tolerance = Duration.zero
        /// In the error or warning that is told; nil: nothing is told.
        var says: String?
    }

    let what: String
    let faults: @Sendable () -> [Fault]
    let outcome: Outcome
    /// Of the exporter, in real time for an attempt.
    var timeout = Duration.seconds(10)
    /// Batches, one after the other.
    var batches = 1
    /// Bytes in each span.
    var payload = 0
    /// What is wrong with the TLS of receiver or exporter; nil is none at all.
    var tls: TLSFault?
    /// Waits take their real time, for connections that are made again in the background.
    var isPatient = false

    init(
        _ what: String, _ faults: @autoclosure @escaping @Sendable () -> [Fault], _ outcome: Outcome,
        timeout: Duration = .seconds(10), batches: Int = 1, payload: Int = 0, tls: TLSFault? = nil,
        isPatient: Bool = false
    ) {
        self.what = what
        self.faults = faults
        self.outcome = outcome
        self.timeout = timeout
        self.batches = batches
        self.payload = payload
        self.tls = tls
        self.isPatient = isPatient
    }

    var testDescription: String { what }

    /// Between two attempts, if the receiver asks for nothing else and chance shortens nothing.
    private static let waits: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]

    /// How long a shutdown right behind the last span takes, but for what the machine needs: until the waits between
    /// attempts are over, or the exporter's timeout.
    var shutdown: ClosedRange<Duration> {
        func sum(_ waits: some Sequence<Duration>) -> Duration { waits.reduce(.zero, +) }
        if timeout < .seconds(10) { return timeout...timeout }
        if let waits = outcome.waits { return sum(waits)...sum(waits) }
        // The batches before were flushed before.
        let least = batches > 1 ? 0 : outcome.attempts.lowerBound - 1
        let most = outcome.attempts.upperBound - batches
        return sum(Self.waits.prefix(least))...sum(Self.waits.prefix(most))
    }
}

extension FaultCase.Outcome {
    /// All delivered at the first attempt, and nothing told, or a warning.
    static let delivered = FaultCase.Outcome()

    static func delivered(warning: String) -> Self { .init(says: warning) }

    /// All delivered, with these attempts at `batches` batches.
    static func delivered(attempts: ClosedRange<Int>, arrivals: ClosedRange<Int> = 1...1) -> Self {
        .init(attempts: attempts, arrivals: arrivals)
    }

    /// All delivered by further attempts, after these waits.
    static func retried(arrivals: Int, after waits: [Duration] = [.milliseconds(500)]) -> Self {
        .init(attempts: (waits.count + 1)...(waits.count + 1), arrivals: arrivals...arrivals, waits: waits)
    }

    /// All lost at the first attempt.
    static func lost(_ says: String, arrivals: Int = 1) -> Self {
        .init(counted: .lost(.exportFailed), arrivals: arrivals...arrivals, waits: [], says: says)
    }

    /// All lost because the time was over.
    static func late(_ says: String, arrivals: Int = 1) -> Self {
        .init(counted: .lost(.exportTimeout), arrivals: arrivals...arrivals, waits: [], says: says)
    }

    /// All lost after five attempts: 500 ms, 1 s, 2 s and 4 s fit into the ten seconds of the timeout, 8 s do not.
    static func givenUp(_ says: String, arrivals: Int) -> Self {
        .init(
            counted: .lost(.exportFailed), attempts: 5...5, arrivals: arrivals...arrivals,
            waits: [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)], says: says)
    }

    static func partly(rejected: Int, _ says: String) -> Self {
        .init(counted: .partly(rejected: rejected), says: says)
    }
}
