// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import Logging
import Testing
import Tracing

@Suite("Article: How do I get trace ids into my log lines?")
struct TraceIDsInLogLinesSnippets {
    /// Compiled only: a process can bootstrap its logging once. The tests of `Contrail` run such programs.
    private func program() throws {
        try Contrail.bootstrapLogging()
        Logger(label: "items").info("item created", metadata: ["sku": "tea"])
    }

    /// Compiled only, as above.
    private func ownHandler() {
        LoggingSystem.bootstrap(StreamLogHandler.standardError, metadataProvider: .contrail)
    }

    /// Compiled only, as above.
    private func wrappedHandler() throws {
        try Contrail.bootstrapLogging { label in StreamLogHandler.standardOutput(label: label) }
    }

    @Test("the provider knows the span that is current")
    func provider() {
        let telemetry = TestTelemetry()
        telemetry.run {
            withSpan("create item") { _ in
                let metadata = Logger.MetadataProvider.contrail.get()
                #expect(metadata.keys.sorted() == ["span_id", "trace_id"])
            }
        }
    }
}
