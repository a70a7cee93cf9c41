// SPDX-License-Identifier: Apache-2.0

import Contrail
import TelemetryModel
import Testing

@Suite("Article: How do I drop health checks, and keep a share of the rest?")
struct DropHealthChecksSnippets {
    @Test("the rules say in the report what they do")
    func oneLine() {
        var settings = TelemetrySettings()
        settings.traces.sampler = .parentBased(root: .rules([.drop(where: .route("/health")), .keep(0.1)]))
        #expect(
            settings.traces.sampler?.description
                == "parentbased_rules{drop route /health, keep{0.1} everything}")
    }

    @Test("routes may be patterns, and attributes may be asked for")
    func patterns() {
        var settings = TelemetrySettings()
        settings.traces.sampler = .rules([
            .drop(where: .any(.route("/health*"), .route("/metrics"))),
            .keep(where: .attribute("tenant", "gold")),
            .keep(0.01),
        ])
        #expect(settings.traces.sampler?.description.hasSuffix("keep{0.01} everything}") == true)
    }
}
