// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK
import Testing

@Suite("Article: How do I switch the spans of one library off?")
struct SwitchScopesOffSnippets {
    @Test("the first rule that fits decides")
    func rules() {
        let quiet = TracerConfigurator([.disable("com.example.cache.*")])
        let few = TracerConfigurator([.enable("Items")], otherwise: TracerConfig(isEnabled: false))

        let scopes = ["com.example.cache.redis", "Items"].map { InstrumentationScope(name: $0) }
        #expect(scopes.map { quiet.config(for: $0).isEnabled } == [false, true])
        #expect(scopes.map { few.config(for: $0).isEnabled } == [false, true])
    }
}
