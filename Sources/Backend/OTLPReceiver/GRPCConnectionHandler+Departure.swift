// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2

/// How a connection ends: first it is said, then what is under way is answered, then it is closed.
extension GRPCConnectionHandler {
    enum Departure {
        case none
        /// The other side has been told, but may have begun more requests before it knew.
        case announced
        /// Nothing more can begin.
        case finishing
        /// All is said; the other side may read it before the connection is closed.
        case said
    }

    static let departurePing = HTTP2PingData(withInteger: 0x636f_6e74_7261_696c)
    /// How long the other side may take to hear that the connection ends, and then to read the last answers.
    private static let patience = TimeAmount.seconds(1)

    // RFC 9113, section 6.8: "A server that is attempting to gracefully shut down a connection SHOULD send an initial
    // GOAWAY frame with the last stream identifier set to 2^31-1 and a NO_ERROR code. [...] After allowing time for any
    // in-flight stream creation (at least one round-trip time), the server MAY send another GOAWAY frame with an
    // updated last stream identifier." The answer to a PING tells that a round trip is over.
    func beginDeparture() {
        guard departure == .none else { return }
        departure = .announced
        write(.goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil), on: .rootStream)
        write(.ping(Self.departurePing, ack: false), on: .rootStream)
        flushSoon()
        departureTimer = schedule(at: .now() + Self.patience) { self.departureWasHeard() }
    }

    /// The other side has answered, or has had its time.
    func departureWasHeard() {
        guard departure == .announced else { return }
        departureTimer?.cancel()
        departure = .finishing
        write(.goAway(lastStreamID: lastStreamID, errorCode: .noError, opaqueData: nil), on: .rootStream)
        flushSoon()
        closeWhenDone()
    }

    /// Without a second GOAWAY: for who cannot be understood any more. Whoever is still asked then has his time.
    func finishDeparture() {
        departureTimer?.cancel()
        departure = .finishing
        departureTimer = schedule(at: .now() + Self.patience) { self.hangUp() }
        closeWhenDone()
    }

    /// To be called when a stream has ended.
    func closeWhenDone() {
        guard departure == .finishing, streams.isEmpty else { return }
        // Behind the frames of the answer that ended the last stream.
        eventLoop.assumeIsolated().execute { self.hangUp() }
    }

    /// Sends what is written, and closes when the other side has had time to read it.
    func hangUp() {
        guard departure != .said, let context else { return }
        departure = .said
        departureTimer?.cancel()
        context.flush()
        // Closed at once with bytes unread, the kernel would take the last answers back (RST).
        context.close(mode: .output, promise: nil)
        departureTimer = schedule(at: .now() + Self.patience) { self.context?.close(promise: nil) }
    }
}
