// SPDX-License-Identifier: Apache-2.0

import Contrail

/// Compiled only: it would install telemetry for the whole process.
private func severalBackends(key: String) throws -> Telemetry {
    let telemetry = try Contrail.start { settings in
        settings.exporters = [
            .otlp(.grpc, to: "http://localhost:4317"),
            .otlp(.httpProtobuf, to: "https://otlp.example.com", headers: ["api-key": key]),
            .console,
        ]
    }
    return telemetry
}
