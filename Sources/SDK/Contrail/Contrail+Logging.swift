// SPDX-License-Identifier: Apache-2.0

public import Logging
import Synchronization

extension Contrail {
    /// How log lines look.
    public enum LogFormat: Sendable {
        /// ``terminal`` when standard error is one, else ``json``.
        case automatic
        /// One JSON object per line; see ``JSONLogHandler``.
        case json
        /// For people; see ``TerminalLogHandler``.
        case terminal
    }

    /// Makes swift-log write to standard error, inside spans with their ids. Call it first, once.
    ///
    /// - Parameters:
    ///   - format: how lines look.
    ///   - level: of loggers that set none of their own.
    ///   - metadataProvider: of further metadata.
    /// - Throws: ``StartError`` when the logging system was bootstrapped before.
    public static func bootstrapLogging(
        _ format: LogFormat = .automatic, level: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil
    ) throws(StartError) {
        let isTerminal =
            switch format {
            case .automatic: LogSink.standardError.isTerminal
            case .json: false
            case .terminal: true
            }
        try installLogging { label in
            // Each knows the span by itself, so it gets no provider for it.
            if isTerminal {
                var handler = TerminalLogHandler(label: label, metadataProvider: metadataProvider)
                handler.logLevel = level
                return handler
            }
            var handler = JSONLogHandler(label: label, metadataProvider: metadataProvider)
            handler.logLevel = level
            return handler
        }
    }

    /// Makes swift-log use handlers of your own, and adds the ids of the span to their lines, also when they
    /// know nothing of metadata providers. Call it first, once.
    ///
    /// - Throws: ``StartError`` when the logging system was bootstrapped before.
    public static func bootstrapLogging(
        _ makeHandler: @escaping @Sendable (_ label: String) -> any LogHandler
    ) throws(StartError) {
        try installLogging { TracedLogHandler(makeHandler($0)) }
    }

    private static let loggingIsInstalled = Mutex(false)

    private static func installLogging(
        _ makeHandler: @escaping @Sendable (String) -> any LogHandler
    ) throws(StartError) {
        let wasInstalled = loggingIsInstalled.withLock { isInstalled in
            defer { isInstalled = true }
            // A second bootstrap would trap. What swift-log starts with is a StreamLogHandler.
            return isInstalled || !(Logger(label: "contrail").handler is StreamLogHandler)
        }
        if wasInstalled { throw StartError(code: .loggingInstalled) }
        LoggingSystem.bootstrap(makeHandler)
    }
}
