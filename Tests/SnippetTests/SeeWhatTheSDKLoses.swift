// SPDX-License-Identifier: Apache-2.0

import Contrail
import TelemetrySDK

/// Compiled only: it would install telemetry for the whole process.
private func readCounts() throws {
    let telemetry = try Contrail.start { settings in
        settings.reportsOwnMetrics = false
    }
    let counts = telemetry.spanCounts
    assert(counts.created == counts.delivered + counts.dropped + counts.inFlight + counts.queued)
    for (reason, count) in counts.droppedByReason { print(reason.rawValue, count) }
}
