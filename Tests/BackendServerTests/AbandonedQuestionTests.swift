// SPDX-License-Identifier: Apache-2.0

import BackendServer
import NIOCore
import NIOPosix
import Testing

@Suite("questions that nobody waits for")
struct AbandonedQuestionTests {
    @Test("a question ends when who asked closes the connection", .timeLimit(.minutes(1)))
    func closedConnection() async throws {
        let store = TestStore(neverAnswers: true)
        try await withBackend(store: store) { backend in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: backend.port(.ui)).get()
            try await channel.writeAndFlush(
                ByteBuffer(string: "GET /api/v1/traces HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            await store.questionBegan.wait()
            try await channel.close()
            await store.questionEnded.wait()
        }
    }
}
