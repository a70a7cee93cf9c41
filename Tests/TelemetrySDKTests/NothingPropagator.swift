// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TelemetryAPI
import Tracing

/// Neither writes nor reads headers.
struct NothingPropagator: TextMapPropagator {
    var fields: [String] { [] }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {}

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {}
}
