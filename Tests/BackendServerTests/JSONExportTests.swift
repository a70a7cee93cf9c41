// SPDX-License-Identifier: Apache-2.0

import ExportFixtures
import OTLPHTTPExporter
import TelemetryModel
import TelemetrySDK
import Testing

@testable import BackendServer

@Suite("The exporter of OTLP/HTTP and the receiver")
struct JSONExportTests {
    @Test(
        "a batch is taken in JSON and in protobuf, plain and compressed",
        arguments: [TelemetrySDK.OTLPEncoding.json, .protobuf], OTLPCompression.allCases)
    func taken(encoding: TelemetrySDK.OTLPEncoding, compression: OTLPCompression) async throws {
        let store = TestStore()
        let result = try await withBackend(store: store) { backend in
            let exporter = try OTLPHTTPSpanExporter(
                .init(endpoint: backend.url(.http, "/v1/traces"), compression: compression),
                encoding: encoding)
            let result = await exporter.export(.sample("GET /items"))
            await exporter.shutdown()
            return result
        }
        guard case .success(rejected: 0, message: "") = result else {
            Issue.record("\(result)")
            return
        }
        #expect(store.spanCount == 1)
    }
}
