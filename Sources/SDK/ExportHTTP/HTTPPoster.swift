// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ExportSecurity
import ExportTasks
package import NIOCore
package import NIOHTTP1
import NIOPosix
package import NIOSSL
import TelemetrySDK

/// Posts batches to one address, once for each call, and says what came back: what all exporters over HTTP share.
package struct HTTPPoster: Sendable {
    private let url: String
    /// Of the address, what may be told.
    private let server: String
    private let client: HTTPClient
    /// One event loop for connections and requests.
    private let tasks = EventLoopTasks(MultiThreadedEventLoopGroup.singleton.next())

    /// Opens no connection yet. `tls`: nil is the system's trust.
    package init(to url: String, tls: TLSConfiguration? = nil) {
        self.url = url
        server = Self.server(url)
        var configuration = HTTPClient.Configuration()
        // A redirect would send headers and address, and so their secrets, to somebody else.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .seconds(10)
        // Failed connections come back to us at once: how often and when to try again is RetryState's decision.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A span for each export would make more exports.
        configuration.tracing.tracer = nil
        configuration.tlsConfiguration = tls
        client = HTTPClient(eventLoopGroup: tasks.eventLoop, configuration: configuration)
    }

    private static func server(_ url: String) -> String {
        guard let endpoint = try? EndpointURL(url) else { return "the receiver" }
        let port = endpoint.port ?? (endpoint.scheme == .https ? 443 : 80)
        return "\(endpoint.host):\(port)"
    }

    /// `timeLeft`: how long it may take, the whole answer included; nil is no limit.
    package func post(
        _ body: ByteBuffer, headers: HTTPHeaders, timeLeft: Duration?
    ) async -> HTTPOutcome {
        await withTaskExecutorPreference(tasks) {
            await postOnEventLoop(body, headers: headers, timeLeft: timeLeft)
        }
    }

    /// Ends what is under way and closes the connections.
    package func shutdown() async {
        // Fails only when it was shut down before.
        try? await client.shutdown()
    }

    private func postOnEventLoop(
        _ body: ByteBuffer, headers: HTTPHeaders, timeLeft: Duration?
    ) async -> HTTPOutcome {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = headers
        request.body = .bytes(body)
        do {
            let deadline = timeLeft.map { NIODeadline.now() + TimeAmount($0) } ?? .distantFuture
            let response = try await client.execute(request, deadline: deadline)
            let body = try await Self.body(of: response, before: deadline)
            ExportObservation.note(.http(Int(response.status.code)))
            return .answered(HTTPAnswer(status: response.status, headers: response.headers, body: body))
        } catch is NIOTooManyBytesError {
            return .failed(
                .init(
                    .badResponse, "the response is longer than \(ExporterIdentity.responseBytesMax) bytes"))
        } catch let failure as HTTPParserError where failure != .invalidEOFState {
            // Another protocol's port, most likely: asking again would not change that.
            return .failed(.init(.badResponse, "the receiver speaks no HTTP: \(failure)"))
        } catch let failure as HTTPClientError where failure == .deadlineExceeded || failure == .readTimeout {
            return .failed(.init(.timeout, "no response in time", isRetryable: true))
        } catch {
            // OTLP 1.11.0, "All Other Responses": "If the server disconnects without returning a response,
            // the client SHOULD retry". The same for a connection that did not come about.
            let reason = ConnectionFailure.reasonOfHTTP(error)
            return .failed(
                .init(
                    .unreachable, "no connection, or it was lost: \(server): \(reason)", isRetryable: true))
        }
    }

    /// What follows the head; nil when it was cut off or did not come in time. The client heeds its deadline no longer
    /// than until the head is there.
    private static func body(
        of response: HTTPClientResponse, before deadline: NIODeadline
    ) async throws -> ByteBuffer? {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask {
                do {
                    return try await response.body.collect(upTo: ExporterIdentity.responseBytesMax)
                } catch let error as NIOTooManyBytesError {
                    throw error
                } catch {
                    return nil
                }
            }
            if deadline != .distantFuture {
                group.addTask {
                    try? await Task.sleep(for: .nanoseconds((deadline - .now()).nanoseconds))
                    return nil
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
