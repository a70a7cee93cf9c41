// SPDX-License-Identifier: Apache-2.0

import Contrail
import TelemetrySDK

private protocol Tokens: Sendable {
    func current(renewing: Bool) async throws -> String
}

/// Compiled only: it would install telemetry for the whole process.
private func renewed(tokens: some Tokens) throws -> Telemetry {
    let telemetry = try Contrail.start { settings in
        settings.exporters = [
            .otlp(
                to: "https://otlp.example.com",
                headersFrom: { reason in
                    let token = try await tokens.current(renewing: reason == .refused)
                    return ["authorization": "Bearer \(token)"]
                })
        ]
    }
    return telemetry
}
