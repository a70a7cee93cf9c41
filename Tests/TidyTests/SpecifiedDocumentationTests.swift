// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The specification asks for words, too.
@Suite("Tidy: documentation that the specification asks for")
struct SpecifiedDocumentationTests {
    private func documentation(_ file: String) throws -> String {
        let text = try String(
            contentsOf: SourceTree.root.appending(path: "Sources/SDK/TelemetryAPI/\(file)"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
        return lines.filter { $0.hasPrefix("///") }.map { $0.dropFirst(4) }.joined(separator: " ")
    }

    // OpenTelemetry 1.60, "Span Creation": "The API documentation MUST state that adding attributes at span creation
    // is preferred to calling SetAttribute later, as samplers can only consider information already present".
    @Test(
        "the documentation prefers attributes and links at the start of a span, since samplers see only those"
    )
    func attributesAtStart() throws {
        let tracer = try documentation("TelemetryTracer.swift")
        #expect(tracer.contains("attributes: better here than set later: samplers see them."))
        #expect(tracer.contains("links: better here than added later: samplers see them."))
        let span = try documentation("TelemetrySpan.swift")
        #expect(
            span.contains("started are better than those set later, since a sampler sees only the former."))
    }

    // OpenTelemetry 1.60, "Attribute": null values "are considered not valid … behavior … is undefined".
    @Test("the documentation says that there are no null values")
    func nullValues() throws {
        let span = try documentation("TelemetrySpan.swift")
        #expect(span.contains("There are no null values: setting nil is undefined in the specification"))
    }
}
