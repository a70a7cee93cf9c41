// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import NIOHTTP1
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("Whether spans would be stored now")
struct ReadinessTests {
    private let start = ContinuousClock.now

    @Test("a refused write speaks for a while, and a good one takes it back at once")
    func refused() {
        var health = WriteHealth()
        #expect(health.obstacle(at: start) == nil)
        health.began(at: start)
        health.ended(.unavailable("disk full"), at: start)
        #expect(health.obstacle(at: start)?.contains("disk full") == true)
        #expect(health.obstacle(at: start + WriteHealth.refusalCounts - .nanoseconds(1)) != nil)
        #expect(health.obstacle(at: start + WriteHealth.refusalCounts) == nil)
        health.began(at: start)
        health.ended(nil, at: start)
        #expect(health.obstacle(at: start) == nil)
    }

    @Test("writes that go on without end are an obstacle; a disk that waits for work is none")
    func hanging() {
        var health = WriteHealth()
        let later = start + WriteHealth.progressWithin
        health.began(at: start)
        #expect(health.obstacle(at: later - .nanoseconds(1)) == nil)
        #expect(health.obstacle(at: later) == "no write has ended for 10 seconds")
        health.began(at: later)
        #expect(health.obstacle(at: later) != nil)
        health.ended(nil, at: later)
        #expect(health.obstacle(at: later) == nil)
        health.ended(nil, at: later)
        #expect(health.obstacle(at: later + .seconds(3_600)) == nil)
    }

    @Test("/ready says the store's reason after a refused write, while /health stays good")
    func storeRefuses() async throws {
        try await withBackend(store: TestStore(failing: .unavailable("disk full"))) { backend in
            let before = try await backend.ask(.GET, "/ready", at: .ui)
            #expect(before.status == 200)
            #expect(try await backend.export(sampleRequest()).status == 503)
            let answer = try await backend.ask(.GET, "/ready", at: .ui)
            #expect(answer.status == 503)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("disk full"))
            #expect(try await backend.ask(.GET, "/health", at: .ui).status == 200)
        }
    }

    @Test("a request that is the sender's fault does not make the server unready")
    func sendersFault() async throws {
        try await withBackend(store: TestStore(failing: .tooLarge(limit: 1))) { backend in
            let refusal = try await backend.export(sampleRequest())
            #expect(refusal.status == 413)
            #expect(try await backend.ask(.GET, "/ready", at: .ui).status == 200)
        }
    }

    @Test("while the last requests are answered, /ready says that contrail is shutting down")
    func shutdown() async throws {
        let store = TestStore(held: true)
        try await withBackend(store: store) { backend in
            async let answer = backend.export(sampleRequest())
            await store.writeBegan.wait()
            #expect(try await backend.ask(.GET, "/ready", at: .ui).status == 200)
            await backend.beginShutdown()
            // The shutdown begins in another task.
            let refused = try await eventually("it is not ready") {
                let ready = try await backend.ask(.GET, "/ready", at: .ui)
                return ready.status == 503 ? ready : nil
            }
            #expect(String(decoding: refused.body, as: UTF8.self).contains("shutting down"))
            store.mayEnd.open()
            let status = try await answer.status
            #expect(status == 200)
        }
        #expect(store.events == ["written", "closed"])
    }
}
