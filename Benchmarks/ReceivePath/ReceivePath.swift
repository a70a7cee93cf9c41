// SPDX-License-Identifier: Apache-2.0

// What receiving costs without storing: `ReceivePath`.
//
// The backend's ports over a store that decodes each request into rows and columns, as the real one does, and throws
// them away. Prints its ports as JSON; ends with SIGTERM. Its CPU time is measured from outside:
// `Scripts/bench-backend --contrail .build/release/ReceivePath`

import BackendServer
import Foundation
import Logging
import ServiceLifecycle
import TelemetryModel
import TelemetryStorage
import TelemetryStorageSQLite
import UnixSignals

struct DroppingStore: TelemetryStore {
    private let spans = DroppedSpans()

    func write(_ spans: EncodedSpans) async throws(StorageError) { try self.spans.drop(spans) }

    func services() async throws(StorageError) -> [String] { [] }
    func operations(ofService service: String) async throws(StorageError) -> [TelemetryStorage.Operation] {
        []
    }
    func traces(matching query: TraceQuery) async throws(StorageError) -> TracePage {
        TracePage(traces: [], next: nil)
    }
    func trace(_ id: TraceID, spans: Range<Int>) async throws(StorageError) -> TraceExcerpt? { nil }
    func attributeKeys(matching query: AttributeKeyQuery) async throws(StorageError) -> AttributeKeyList {
        AttributeKeyList(keys: [], isComplete: true)
    }
    func attributeValues(matching query: AttributeValueQuery) async throws(StorageError) -> AttributeValueList
    {
        AttributeValueList(values: [], isComplete: true)
    }
    func close() async {}
}

@main
enum ReceivePath {
    static func main() async throws {
        let logger = Logger(label: "ReceivePath")
        let configuration = BackendServerConfiguration(
            ports: [.grpc: 0, .http: 0, .ui: 0], storage: .memory)
        let server = try await BackendServer.start(configuration, logger: logger) {
            @Sendable () throws(StorageError) -> any TelemetryStore in DroppingStore()
        }
        let line =
            "{\"ready\": true, \"grpcPort\": \(server.ports[.grpc] ?? 0), "
            + "\"httpPort\": \(server.ports[.http] ?? 0)}\n"
        FileHandle.standardOutput.write(Data(line.utf8))
        try await ServiceGroup(
            services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
