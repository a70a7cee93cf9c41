// SPDX-License-Identifier: Apache-2.0

public import Logging
import TelemetryModel

/// Writes each log line as one JSON object.
///
/// ```json
/// {"timestamp":"2026-11-22T14:14:41.123456Z","level":"info","label":"items","message":"created",
///  "trace_id":"…","span_id":"…","trace_flags":"01","source":"Items","metadata":{"item.id":7}}
/// ```
/// Inside a span the line has its ids; it needs no metadata provider for them. Numbers and truth values in
/// metadata keep their type, values under keys such as `authorization` or `password` are left out.
public struct JSONLogHandler: LogHandler {
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let sink: LogSink
    private let now: @Sendable () -> LogTime

    /// - Parameters:
    ///   - label: of the logger.
    ///   - sink: where lines go.
    ///   - metadataProvider: of further metadata; not needed for the ids of the span.
    public init(
        label: String, sink: LogSink = .standardError, metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.init(label: label, sink: sink, metadataProvider: metadataProvider, now: LogTime.now)
    }

    package init(
        label: String, sink: LogSink, metadataProvider: Logger.MetadataProvider? = nil,
        now: @escaping @Sendable () -> LogTime
    ) {
        self.label = label
        self.sink = sink
        self.metadataProvider = metadataProvider
        self.now = now
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        sink.write(JSONWriter.line { write(event, to: &$0) })
    }

    private func write(_ event: LogEvent, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("timestamp")
        writer.plain { now().appendRFC3339(to: &$0) }
        writer.key("level")
        writer.string(event.level.rawValue)
        writer.key("label")
        writer.string(label)
        writer.key("message")
        writer.string(event.message.description)
        let span = TraceLogFields.current
        if let span { writer.ids(of: span) }
        writer.key("source")
        writer.string(event.source)
        if let error = event.error {
            writer.key("error")
            writer.beginObject()
            writer.key("type")
            writer.string("\(type(of: error))")
            writer.key("message")
            writer.string("\(error)")
            writer.endObject()
        }
        let metadata = LogMetadata.merged(metadata, metadataProvider, event.metadata)
        // A provider may say the ids once more.
        let hasIDs = span != nil
        if !metadata.isEmpty, metadata.contains(where: { !hasIDs || !TraceLogFields.isName($0.key) }) {
            writer.key("metadata")
            writer.metadata(metadata) { hasIDs && TraceLogFields.isName($0) }
        }
        writer.endObject()
        writer.endLine()
    }
}

/// Metadata of handler, provider and line; the later wins.
enum LogMetadata {
    static func merged(
        _ own: Logger.Metadata, _ provider: Logger.MetadataProvider?, _ line: Logger.Metadata?
    ) -> Logger.Metadata {
        var merged = own
        if let provided = provider?.get(), !provided.isEmpty { merged.merge(provided) { $1 } }
        guard let line, !line.isEmpty else { return merged }
        if merged.isEmpty { return line }
        merged.merge(line) { $1 }
        return merged
    }
}
