// SPDX-License-Identifier: Apache-2.0

import Contrail
import TelemetrySDK

/// Compiled only: it would install telemetry for the whole process.
private func securely() throws -> Telemetry {
    let telemetry = try Contrail.start { settings in
        settings.exporters = [
            .otlp(
                to: "https://collector.internal:4318", compression: .gzip,
                tls: .init(
                    certificate: "/etc/telemetry/ca.pem", clientCertificate: "/etc/telemetry/client.pem",
                    clientKey: "/etc/telemetry/client.key"))
        ]
    }
    return telemetry
}
