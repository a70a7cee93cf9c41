// SPDX-License-Identifier: Apache-2.0

import Contrail

/// Compiled only: a test of the command follows a real endpoint.
private func asking(_ settings: inout TelemetrySettings) {
    settings.traces.sampler = .parentBased(
        root: .jaegerRemote(.init(endpoint: "http://localhost:4318", pollingInterval: .seconds(5))))
}
