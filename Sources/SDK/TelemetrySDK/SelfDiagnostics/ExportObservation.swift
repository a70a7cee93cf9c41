// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What an exporter learned of its last request, for the metrics of whoever made it export.
package final class ExportObservation: Sendable {
    package enum Status: Hashable, Sendable {
        case http(Int)
        /// The code's name, as `DEADLINE_EXCEEDED`.
        case grpc(String)
    }

    /// Nil when nobody wants to know.
    @TaskLocal package static var current: ExportObservation?

    private let state = Mutex<Status?>(nil)

    package init() {}

    /// Of the last request; nil when there was no answer.
    package var status: Status? { state.withLock { $0 } }

    /// Tells how the receiver answered the request that was just made, or that it did not.
    package static func note(_ status: Status?) { current?.state.withLock { $0 = status } }
}

/// An exporter that can say what it is, in the words of the semantic conventions.
package protocol DescribedExporter: SpanExporter {
    /// `otel.component.type`, as `otlp_grpc_span_exporter`.
    var componentType: String { get }
    /// `server.address` and `server.port`; nil for what goes to no server.
    var server: (address: String, port: Int?)? { get }
}
