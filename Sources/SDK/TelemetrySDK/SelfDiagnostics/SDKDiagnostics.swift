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

    /// What shares one line in ten seconds: spans that were lost by reason, so that none hides another.
    var kind: String {
        switch self {
        case .spanLimitExceeded: "span_limit_exceeded"
        case .spansDropped(_, let reason): reason.rawValue
        case .exportWarning: "export_warning"
        case .exportFailed: "export_failure"
        case .invalidGeneratedID: "invalid_generated_id"
        case .undecodableBatch: "undecodable_batch"
        case .sampling: "sampling"
        case .unnamedScope: "unnamed_scope"
        }
    }
}

/// Where the SDK says what went wrong. Replaceable; by default at most one line per kind of problem, and per reason of
/// a loss, in ten seconds, which then tells of all since the last,
/// through swift-log, label `contrail.sdk`.
/// Source: OpenTelemetry specification 1.60, "Error handling".
public enum SDKDiagnostics {
    private struct State {
        var handler: (@Sendable (SDKProblem) -> Void)?
        var logger: Logger?
        var lines: [String: Line] = [:]
    }

    /// What became of the problems of one kind.
    private struct Line {
        var lastNano: UInt64
        /// Problems since the last line.
        var silenced = 0
        /// Spans in them, if it is spans that were lost.
        var silencedSpans = 0
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
        let handler = state.withLock(\.handler)
        // Outside the lock: handlers and loggers, and what makes a logger, are other people's code.
        if let handler { return handler(problem) }
        let told: (problem: SDKProblem, logger: Logger?, silenced: Int)? = state.withLock { state in
            let now = ctr_monotonic_ns()
            var line = state.lines[problem.kind] ?? Line(lastNano: 0)
            defer { state.lines[problem.kind] = line }
            guard line.lastNano == 0 || now &- line.lastNano >= intervalNano else {
                line.silenced += 1
                if case .spansDropped(let count, _) = problem { line.silencedSpans += count }
                return nil
            }
            defer { line = Line(lastNano: now) }
            return (problem.adding(line.silencedSpans), state.logger, line.silenced)
        }
        if let told {
            log(told.problem, to: told.logger ?? Logger(label: "contrail.sdk"), silenced: told.silenced)
        }
    }

    /// Tells at the end of the lost spans that no line has told of yet, so that the lines add up.
    static func reportSilencedDrops() {
        let (logger, lost) = state.withLock { state in
            let lost = SpanDropReason.allCases.compactMap { reason -> (SpanDropReason, Line)? in
                guard let line = state.lines[reason.rawValue], line.silencedSpans > 0 else { return nil }
                state.lines[reason.rawValue] = Line(lastNano: line.lastNano)
                return (reason, line)
            }
            return (state.logger, lost)
        }
        for (reason, line) in lost {
            log(
                .spansDropped(count: line.silencedSpans, reason: reason),
                to: logger ?? Logger(label: "contrail.sdk"), silenced: line.silenced - 1)
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

extension SDKProblem {
    /// With the spans that were lost for the same reason and not told of; other problems as they are.
    fileprivate func adding(_ silencedSpans: Int) -> SDKProblem {
        guard case .spansDropped(let count, let reason) = self else { return self }
        return .spansDropped(count: count + silencedSpans, reason: reason)
    }
}
