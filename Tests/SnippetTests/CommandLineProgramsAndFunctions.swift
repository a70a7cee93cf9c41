// SPDX-License-Identifier: Apache-2.0

import Contrail
import Testing

@Suite("Article: How do I get the last spans out of a program that ends by itself?")
struct CommandLineSnippets {
    private func migrate() async throws {}

    private func handle(_ event: String) async throws {}

    /// Compiled only: it would install telemetry for the whole process. The tests of `Contrail` run such a program.
    private func program() async throws {
        try await Contrail.withTelemetry {
            try await migrate()
        }
    }

    /// Compiled only, as above.
    private func function(_ event: String, telemetry: Telemetry) async throws {
        try await handle(event)
        await telemetry.forceFlush()
    }
}
