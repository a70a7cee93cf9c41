// SPDX-License-Identifier: Apache-2.0

/// Carries encoded OTLP requests to one receiver, over HTTP or over gRPC.
///
/// It knows neither spans nor retries nor secrets: ``OTLPSender`` does, once for all transports.
package protocol OTLPTransport: Sendable {
    /// A request as it goes out.
    associatedtype Body: Sendable

    /// Which headers it can send besides its own.
    static var headerRules: ExportHeaderRules { get }

    /// Made once for all attempts; compressed, if that is asked for.
    func body(_ message: consuming [UInt8]) -> Body

    /// Sends once. `timeLeft`: how long it may take; nil is no limit.
    func attempt(_ body: Body, headers: [(String, String)], timeLeft: Duration?) async -> OTLPAttempt

    /// Ends what is under way and closes the connections. Called at most once.
    func shutdown() async
}

/// What one attempt came to, as a transport saw it.
package enum OTLPAttempt: Sendable {
    /// The receiver took the request and answered with this message.
    case answered([UInt8])
    /// The receiver took the request, but its answer did not come whole: why.
    case answeredInPart(String)
    case failed(Failure)

    package struct Failure: Sendable {
        package var code: ExportError.Code
        /// May hold what the receiver said, and so an echo of the headers; the sender takes these out.
        package var message: String
        /// Whether the protocol allows to send the same request again.
        package var isRetryable: Bool
        /// What the receiver asked for; nil when it asked for nothing.
        package var serverDelay: Duration?
        /// HTTP 401, gRPC UNAUTHENTICATED: other headers may help.
        package var isUnauthenticated: Bool

        package init(
            _ code: ExportError.Code, _ message: String, isRetryable: Bool = false,
            serverDelay: Duration? = nil, isUnauthenticated: Bool = false
        ) {
            self.code = code
            self.message = message
            self.isRetryable = isRetryable
            self.serverDelay = serverDelay
            self.isUnauthenticated = isUnauthenticated
        }
    }
}
