// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import Synchronization
import TelemetryAPI
import Testing

@Suite("Article: How do I pass a value along to every service of a request?")
struct ReadAndWriteBaggageSnippets {
    @Test("what was put in is found further down")
    func readBack() {
        let found = Mutex<String?>(nil)
        func callOtherServices() {
            let tenant = ServiceContext.current?.baggage["tenant"]
            found.withLock { $0 = tenant }
        }
        var context = ServiceContext.current ?? .topLevel
        context.baggage["tenant"] = "blue"
        ServiceContext.$current.withValue(context) {
            callOtherServices()
        }
        #expect(found.withLock { $0 } == "blue")
    }
}
