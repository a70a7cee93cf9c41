// SPDX-License-Identifier: Apache-2.0

import BackendHTTPAPI
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TelemetryStorage

/// Asks an API over a store, without a socket.
struct APIClient {
    struct Answer {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: NSDictionary {
            (try? JSONSerialization.jsonObject(with: Data(body))) as? NSDictionary ?? [:]
        }
        /// `error.code`, `error.message` and `error.parameter`.
        var error: [String: String] { json["error"] as? [String: String] ?? [:] }
    }

    private let application: Application<RouterResponder<BasicRequestContext>>

    init(
        _ store: any TraceReader, logs: any LogReader = ArrayLogs(),
        operation: BackendOperation = BackendOperation(), now: UInt64 = 1_700_000_000_000_000_000
    ) {
        let router = Router()
        BackendHTTPAPI(
            store: store, logs: logs, receivers: .init(grpcPort: 4317, httpPort: 4318), operation: operation,
            now: { now }
        ).addRoutes(to: router)
        application = Application(responder: router.buildResponder())
    }

    func get(_ uri: String) async throws -> Answer { try await send(.get, uri) }

    func send(_ method: HTTPRequest.Method, _ uri: String) async throws -> Answer {
        try await application.test(.router) { client in
            try await client.execute(uri: uri, method: method) { response in
                Answer(
                    status: response.status.code, headers: response.headers,
                    body: Array(buffer: response.body))
            }
        }
    }
}
