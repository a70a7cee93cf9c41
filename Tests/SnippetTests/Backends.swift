// SPDX-License-Identifier: Apache-2.0

import Contrail

/// Compiled only: the settings of docs/backends.
private enum Backends {
    static func jaeger(_ settings: inout TelemetrySettings) {
        settings.exporters = [.otlp(.grpc, to: "http://localhost:4317")]
    }

    static func tempo(_ settings: inout TelemetrySettings) {
        settings.exporters = [.otlp(.grpc, to: "http://tempo:4317", headers: ["x-scope-orgid": "team-a"])]
    }

    static func datadog(_ settings: inout TelemetrySettings, key: String) {
        settings.exporters = [
            .otlp(.httpProtobuf, exactly: "https://otlp.datadoghq.eu/v1/traces", headers: ["dd-api-key": key])
        ]
    }

    static func collector(_ settings: inout TelemetrySettings) {
        settings.exporters = [.otlp(.grpc, to: "http://collector:4317")]
    }

    static func honeycomb(_ settings: inout TelemetrySettings, key: String) {
        settings.exporters = [.otlp(to: "https://api.honeycomb.io", headers: ["x-honeycomb-team": key])]
    }

    static func grafanaCloud(_ settings: inout TelemetrySettings, credentials: String) {
        settings.exporters = [
            .otlp(
                to: "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp",
                headers: ["authorization": "Basic \(credentials)"])
        ]
    }
}
