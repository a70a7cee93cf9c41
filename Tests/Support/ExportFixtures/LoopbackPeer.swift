// SPDX-License-Identifier: Apache-2.0

package import Loopback
package import TelemetrySDK

/// A loopback receiver of one of OTLP's transports, as tests see it that are the same for both.
package struct LoopbackPeer: Sendable {
    package var port: Int
    package var requestCount: @Sendable () -> Int
    package var spanNames: @Sendable () -> [String]
    /// The header of each request; empty where there is none.
    package var authorizations: @Sendable () -> [String]
    package var stop: @Sendable () async -> Void

    package init(_ receiver: LoopbackOTLPReceiver) {
        port = receiver.port
        requestCount = { receiver.requests.count }
        spanNames = { receiver.spans.map(\.name) }
        authorizations = { receiver.requests.map { $0.header("authorization") ?? "" } }
        stop = { await receiver.stop() }
    }

    package init(_ receiver: LoopbackGRPCReceiver) {
        port = receiver.port
        requestCount = { receiver.requests.count }
        spanNames = { receiver.spans.map(\.name) }
        authorizations = { receiver.requests.map { $0.header("authorization") ?? "" } }
        stop = { await receiver.stop() }
    }
}

/// One of OTLP's transports: how its receiver is started, and how its exporter is made.
package struct TransportUnderTest: Sendable {
    package typealias MakeExporter =
        @Sendable (OTLPExporterConfiguration, RetryEnvironment) throws -> any SpanExporter

    /// A receiver that refuses so many requests as unauthenticated, with the words "expired: token-one".
    package var start: @Sendable (_ refusals: Int, LoopbackTLS?) async throws -> LoopbackPeer
    /// What stands behind the port in an endpoint.
    package var path: String
    package var makeExporter: MakeExporter

    package init(
        path: String, start: @escaping @Sendable (_ refusals: Int, LoopbackTLS?) async throws -> LoopbackPeer,
        makeExporter: @escaping MakeExporter
    ) {
        self.path = path
        self.start = start
        self.makeExporter = makeExporter
    }

    package func endpoint(_ port: Int, scheme: String = "http", host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }
}
