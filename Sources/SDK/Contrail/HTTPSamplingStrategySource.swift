// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TelemetrySDK

/// Asks for a sampling strategy with one GET; the client is made at the first question.
final class HTTPSamplingStrategySource: SamplingStrategySource {
    /// With `?service=…`; may hold secrets.
    private let url: String
    /// For error messages.
    private let shownEndpoint: String
    private let client = Mutex<HTTPClient?>(nil)

    /// An answer that takes longer is none. As in OpenTelemetry Go.
    private static let timeout = TimeAmount.seconds(10)

    init(url: String, shownEndpoint: String) {
        self.url = url
        self.shownEndpoint = shownEndpoint
    }

    /// Whoever only drops it: the client must not go without having been shut down.
    deinit {
        guard let client = client.withLock({ $0.take() }) else { return }
        Task.detached { try? await client.shutdown() }
    }

    private var openClient: HTTPClient {
        client.withLock { client in
            if let client { return client }
            var configuration = HTTPClient.Configuration()
            // A redirect would have somebody else decide what is sampled.
            configuration.redirectConfiguration = .disallow
            configuration.timeout.connect = Self.timeout
            configuration.connectionPool.retryConnectionEstablishment = false
            // Nobody wants a trace of each question.
            configuration.tracing.tracer = nil
            let new = HTTPClient(
                eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration)
            client = new
            return new
        }
    }

    func strategy() async throws(RemoteSamplingError) -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: ExporterIdentity.userAgent)
        let client = openClient
        // The client heeds its timeout until the head of the answer; the rest may hang as well. And on a task of its
        // own, so outside of whatever span is current.
        let answer = await within(.nanoseconds(Self.timeout.nanoseconds), ContinuousClock()) {
            [request, shownEndpoint] () -> Result<[UInt8], any Error> in
            do {
                let response = try await client.execute(request, timeout: Self.timeout)
                guard response.status == .ok else {
                    throw RemoteSamplingError("\(shownEndpoint) answered with HTTP \(response.status.code)")
                }
                let body = try await response.body.collect(upTo: RemoteSamplingStrategy.answerBytesMax)
                return .success(Array(body.readableBytesView))
            } catch {
                return .failure(error)
            }
        }
        guard let answer else { throw RemoteSamplingError("\(shownEndpoint) did not answer in time") }
        do {
            return try answer.get()
        } catch let error as RemoteSamplingError {
            throw error
        } catch is NIOTooManyBytesError {
            throw RemoteSamplingError(
                "the answer of \(shownEndpoint) is longer than \(RemoteSamplingStrategy.answerBytesMax) bytes"
            )
        } catch let error as HTTPClientError {
            throw RemoteSamplingError("\(shownEndpoint) cannot be asked: \(error.shortDescription)")
        } catch {
            // What the system says of a connection may name the address, and so user and query.
            throw RemoteSamplingError("\(shownEndpoint) cannot be asked: \(type(of: error))")
        }
    }

    func shutdown() async {
        // Fails only when it was shut down before.
        try? await client.withLock({ $0.take() })?.shutdown()
    }
}
