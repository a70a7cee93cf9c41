// SPDX-License-Identifier: Apache-2.0

import Contrail

/// Compiled only: it would install telemetry for the whole process. The tests of `Contrail` start it switched off.
private func switchedOff() throws -> Telemetry {
    let telemetry = try Contrail.start { settings in
        settings.isEnabled = false
    }
    return telemetry
}
