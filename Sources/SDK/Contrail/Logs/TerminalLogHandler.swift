// SPDX-License-Identifier: Apache-2.0

public import Logging
import TelemetryModel

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes log lines for people: time, level, label, message, metadata, and the trace they belong to.
///
/// ```
/// 14:14:41.123 INFO  items  created  item.id=7  trace_id=4bf92f3577b34da6a3ce929d0e0e4736
/// ```
/// Coloured on a terminal, unless the environment has `NO_COLOR` (https://no-color.org) or `TERM=dumb`.
/// Values under keys such as `authorization` or `password` are left out.
public struct TerminalLogHandler: LogHandler {
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let sink: LogSink
    private let isColoured: Bool
    private let now: @Sendable () -> LogTime

    /// - Parameters:
    ///   - label: of the logger.
    ///   - sink: where lines go.
    ///   - metadataProvider: of further metadata; not needed for the ids of the span.
    public init(
        label: String, sink: LogSink = .standardError, metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.init(
            label: label, sink: sink, metadataProvider: metadataProvider,
            noColor: getenv("NO_COLOR").map { String(cString: $0) },
            terminal: getenv("TERM").map { String(cString: $0) }
        ) {
            // People compare with their own clock.
            let time = LogTime.now()
            let ahead = LogTime.secondsAheadOfUTC(at: time.seconds)
            return LogTime(seconds: time.seconds + ahead, microseconds: time.microseconds)
        }
    }

    package init(
        label: String, sink: LogSink, metadataProvider: Logger.MetadataProvider? = nil, noColor: String?,
        terminal: String?, now: @escaping @Sendable () -> LogTime
    ) {
        self.label = label
        self.sink = sink
        self.metadataProvider = metadataProvider
        // "when present and not an empty string (regardless of its value), prevents the addition of ANSI
        // color"
        isColoured = sink.isTerminal && (noColor ?? "").isEmpty && terminal != "dumb"
        self.now = now
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = TerminalLine(isColoured: isColoured)
        line.time(now())
        line.level(event.level)
        line.coloured(.cyan, label)
        line.text("  ")
        line.escaped(event.message.description)
        if let error = event.error {
            line.text("  ")
            line.coloured(.red, "error=")
            line.escaped("\(error)")
        }
        let span = TraceLogFields.current
        for (key, value) in LogMetadata.merged(metadata, metadataProvider, event.metadata)
            .sorted(by: { $0.key < $1.key }) where span == nil || !TraceLogFields.isName(key)
        {
            line.field(
                key, SecretNames.contains(key) ? LogSecrets.replacement : value.withoutSecrets.description)
        }
        if let span { line.field(TraceLogFields.traceID, span.traceID.hex) }
        line.text("\n")
        sink.write(line.bytes)
    }
}

extension Logger.MetadataValue {
    /// The value with what stands under secret keys within it replaced.
    fileprivate var withoutSecrets: Logger.MetadataValue {
        switch self {
        case .string, .stringConvertible: self
        case .array(let elements): .array(elements.map(\.withoutSecrets))
        case .dictionary(let members):
            .dictionary(
                Dictionary(
                    uniqueKeysWithValues: members.map { key, value in
                        (
                            key,
                            SecretNames.contains(key) ? .string(LogSecrets.replacement) : value.withoutSecrets
                        )
                    }))
        }
    }
}
