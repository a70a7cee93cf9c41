// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import Testing

private let telemetry = TelemetryScope("com.example.parser", version: "1.4.0")

func parse(_ bytes: [UInt8]) throws -> Document {
    try telemetry.tracer.withSpan("parse", attributes: ["parser.bytes": .int(Int64(bytes.count))]) { span in
        let document = try Document(bytes)
        span["parser.nodes"] = document.nodes.count
        if span.isRecording { span["parser.outline"] = document.outline() }
        return document
    }
}

struct Document {
    struct Empty: Error {}

    var nodes: [UInt8]

    init(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { throw Empty() }
        nodes = bytes
    }

    func outline() -> String { String(repeating: "·", count: nodes.count) }
}

@Suite("Article: How do I instrument a library so that it costs nothing when nobody listens?")
struct InstrumentALibrarySnippets {
    @Test("a value of the span can be set where it is known")
    func countItems() throws {
        let test = TestTelemetry()
        let items = ["tea", "coffee"]
        let telemetry = TelemetryScope("com.example.items", version: "1.4.0")
        test.run {
            telemetry.tracer.withSpan("serialize") { span in span["item.count"] = items.count }
        }
        #expect(test.finishedSpan("serialize")?.attributes["item.count"] == 2)
    }

    @Test("without an SDK the library works")
    func withoutSDK() throws {
        #expect(try parse([1, 2]).nodes.count == 2)
    }

    @Test("with one its span has the scope and its attributes")
    func withSDK() throws {
        let test = TestTelemetry()
        _ = try test.run { try parse([1, 2]) }
        let span = try #require(test.finishedSpan("parse"))
        #expect(span.attributes["parser.bytes"] == 2)
        #expect(span.attributes["parser.nodes"] == 2)
        #expect(span.attributes["parser.outline"] == "··")
        let scope = try #require(test.exporter.resourceSpans.first?.scopeSpans.first?.scope)
        #expect(scope.name == "com.example.parser")
        #expect(scope.version == "1.4.0")
    }
}
