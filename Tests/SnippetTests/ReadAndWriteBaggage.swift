// SPDX-License-Identifier: Apache-2.0

import Contrail
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetrySDK
import Testing

@Suite("Article: How do I pass a value along to every service of a request?")
struct ReadAndWriteBaggageSnippets {
    /// Compiled only.
    private func copied(_ settings: inout TelemetrySettings) {
        settings.traces.processors = [BaggageSpanProcessor(names: ["tenant"])]
    }

    @Test("what was put in is found further down")
    func readBack() {
        let found = Mutex<String?>(nil)
        func callOtherServices() {
            let tenant = ServiceContext.current?.baggage["tenant"]
            found.withLock { $0 = tenant }
        }
        withBaggage {
            $0["tenant"] = "blue"
        } _: {
            callOtherServices()
        }
        #expect(found.withLock { $0 } == "blue")
    }
}
