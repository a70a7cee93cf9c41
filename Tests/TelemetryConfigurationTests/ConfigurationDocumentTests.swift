// SPDX-License-Identifier: Apache-2.0

import Foundation
import TelemetryConfiguration
import Testing

@Suite("Configuration: documentation")
struct ConfigurationDocumentTests {
    /// Written anew with `CONTRAIL_WRITE_DOCUMENTS=1 swift test --filter ConfigurationDocumentTests`.
    @Test("docs/configuration.md says what the parser does")
    func document() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "docs/configuration.md")
        if ProcessInfo.processInfo.environment["CONTRAIL_WRITE_DOCUMENTS"] == "1" {
            try ConfigurationDocument.markdown.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == ConfigurationDocument.markdown)
    }

    @Test("every variable stands once in the list, has help and a twin in code")
    func variables() {
        #expect(Set(Variable.all.map(\.name)).count == Variable.all.count)
        for variable in Variable.all {
            #expect(variable.name.hasPrefix("OTEL_"))
            #expect(variable.help.hasSuffix("."))
            #expect(!variable.twin.isEmpty)
        }
    }

    @Test("any value in any variable gives settings, never a crash", arguments: Variable.all.map(\.name))
    func anyValue(name: String) {
        let values = [
            "\u{0}", "=", ",", ",,,===", "%", "%%%", "-", "+", "-0", "é", "\u{fffd}", "a=%C3", "0x10",
            "1_000", "::",
            "http://[", "[", "]", "@", "http://@", "http://a@", "?", "#", "http://?", "NaN", "🐦=🐦",
            String(repeating: "a=b,", count: 10_000), String(repeating: "9", count: 10_000),
        ]
        for value in values {
            let resolving = Resolving([name: value])
            #expect(resolving.settings.batch.maxQueueSize >= 1)
            #expect(resolving.warnings.allSatisfy { !$0.used.isEmpty && $0.setting == name })
        }
    }
}
