// SPDX-License-Identifier: Apache-2.0

import Logging

/// Adds the ids of the current span to the lines of any handler, also of one that knows no metadata
/// providers.
struct TracedLogHandler: LogHandler {
    private var base: any LogHandler

    init(_ base: any LogHandler) { self.base = base }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        let ids = TraceLogFields.currentIDs
        guard !ids.isEmpty else { return base.log(event: event) }
        var event = event
        // What the line itself says under these names wins.
        event.metadata = event.metadata.map { $0.merging(ids) { own, _ in own } } ?? ids
        base.log(event: event)
    }
}
