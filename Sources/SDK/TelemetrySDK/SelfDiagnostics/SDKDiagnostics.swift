// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
public import Logging
import Synchronization

/// Something the SDK could not do as asked. Never a reason to stop the program.
public enum SDKProblem: Sendable {
    /// Attributes, events or links were over a limit; counted in the span.
    case spanLimitExceeded(spanName: String)
    /// Spans were lost. The reason is that of ``SpanDropReason``.
    case spansDropped(count: Int, reason: SpanDropReason)
    /// The receiver said something about spans it took.
    case exportWarning(message: String)
    /// An exporter failed.
    case exportFailed(ExportError)
    /// A generator gave an id of zeros; a random one was used.
    case invalidGeneratedID
    /// A batch could not be turned into values: a defect of the SDK.
    case undecodableBatch(spanCount: Int)
    /// A sampler cannot decide as well as it should, or a sampling strategy could not be had.
    case sampling(String)
    /// A tracer was asked for without a name; it works, and its scope's name is empty.
    case unnamedScope

    var kind: Int {
        switch self {
        case .spanLimitExceeded: 0
        case .spansDropped: 1
        case .exportWarning: 2
        case .exportFailed: 3
        case .invalidGeneratedID: 4
        case .undecodableBatch: 5
        case .sampling: 6
        case .unnamedScope: 7
        }
    }

    static let kindCount = 8
}

/// Where the SDK says what went wrong. Replaceable; by default at most one line per kind of problem in ten seconds,
/// through swift-log, label `contrail.sdk`.
/// Source: OpenTelemetry specification 1.60, "Error handling".
public enum SDKDiagnostics {
    private struct State {
        var handler: (@Sendable (SDKProblem) -> Void)?
        var logger: Logger?
        var lastNano = [UInt64](repeating: 0, count: SDKProblem.kindCount)
        var silenced = [Int](repeating: 0, count: SDKProblem.kindCount)
    }

    private static let state = Mutex(State())

    /// Between two lines of the same kind.
    static let intervalNano: UInt64 = 10_000_000_000

    /// Hands each problem to `handler` instead, unlimited; nil goes back to logging.
    public static func setHandler(_ handler: (@Sendable (SDKProblem) -> Void)?) {
        state.withLock { $0.handler = handler }
    }

    /// Logs through `logger`; nil goes back to the default.
    public static func setLogger(_ logger: Logger?) {
        state.withLock { $0.logger = logger }
    }

    /// Tells of a problem.
    package static func report(_ problem: SDKProblem) {
        let (handler, line) = state.withLock {
            state -> ((@Sendable (SDKProblem) -> Void)?, (Logger?, Int)?) in
            if let handler = state.handler { return (handler, nil) }
            let now = ctr_monotonic_ns()
            let kind = problem.kind
            guard state.lastNano[kind] == 0 || now &- state.lastNano[kind] >= intervalNano else {
                state.silenced[kind] += 1
                return (nil, nil)
            }
            state.lastNano[kind] = now
            let silenced = state.silenced[kind]
            state.silenced[kind] = 0
            return (nil, (state.logger, silenced))
        }
        // Outside the lock: handlers and loggers, and what makes a logger, are other people's code.
        if let handler { handler(problem) }
        if let (logger, silenced) = line {
            log(problem, to: logger ?? Logger(label: "contrail.sdk"), silenced: silenced)
        }
    }

    private static func log(_ problem: SDKProblem, to logger: Logger, silenced: Int) {
        var metadata: Logger.Metadata = silenced > 0 ? ["more_since_last_line": "\(silenced)"] : [:]
        let message: Logger.Message
        switch problem {
        case .spanLimitExceeded(let name):
            metadata["span"] = "\(name)"
            message = "A span was over its limits; attributes, events or links were dropped."
        case .spansDropped(let count, let reason):
            metadata["reason"] = "\(reason.rawValue)"
            metadata["count"] = "\(count)"
            message = "Spans were dropped."
        case .exportWarning(let text):
            metadata["message"] = "\(text)"
            message = "The receiver of spans sent a warning."
        case .exportFailed(let error):
            metadata["code"] = "\(error.code.rawValue)"
            metadata["error"] = "\(error)"
            message = "Spans could not be exported."
        case .invalidGeneratedID: message = "The id generator gave an invalid id; a random one was used."
        case .undecodableBatch(let count):
            metadata["count"] = "\(count)"
            message = "A batch of spans could not be decoded."
        case .unnamedScope: message = "A tracer was asked for without a name; its scope's name is empty."
        case .sampling(let text):
            metadata["reason"] = "\(text)"
            message = "Sampling may not be as it was asked for."
        }
        logger.warning(message, metadata: metadata)
    }
}
