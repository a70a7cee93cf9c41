// SPDX-License-Identifier: Apache-2.0

import FaultyReceiver
import NIOHTTP2
import OTLPWire

/// What happens when a receiver of OTLP/gRPC …
enum GRPCFaults {
    static let all: [FaultCase] = [
        connections, tls, goAway, streamResets, statuses, oddStatuses, partialSuccess, oddities, web,
    ].flatMap { $0 }

    static let tls = TLSFault.rows(saying: "gRPC UNAVAILABLE")

    /// The transport connects again in the background: waits must take their time, and an attempt may come too early.
    static let connections: [FaultCase] = [
        FaultCase(
            "refuses the connection once", [.refuse], .delivered(attempts: 2...3), isPatient: true),
        FaultCase(
            "refuses every connection", Array(repeating: .refuse, count: 9),
            .givenUp("gRPC UNAVAILABLE", arrivals: 0)),
        FaultCase("resets the connection", [.resetConnection], .delivered(attempts: 2...3), isPatient: true),
        FaultCase(
            "accepts the connection and says nothing", [.silentConnection],
            .late("gRPC DEADLINE_EXCEEDED", arrivals: 0), timeout: .milliseconds(200)),
        FaultCase(
            "resets the connection in the middle of a request", [.resetInRequest],
            .delivered(attempts: 2...3),
            payload: 200_000, isPatient: true),
        FaultCase(
            "takes a request and closes the connection", [.disconnect],
            .delivered(attempts: 2...3, arrivals: 2...2), isPatient: true),
        FaultCase(
            "takes a request and says nothing", [.hang], .late("gRPC DEADLINE_EXCEEDED"),
            timeout: .milliseconds(200)),
        FaultCase(
            "resets the connection in the middle of an answer", [.grpcSuccess(.init(), .halfThenReset)],
            .delivered(attempts: 2...3, arrivals: 2...2), isPatient: true),
        FaultCase(
            "stops in the middle of an answer", [.grpcSuccess(.init(), .halfThenSilence)],
            .late("gRPC DEADLINE_EXCEEDED"), timeout: .milliseconds(200)),
        FaultCase(
            "answers byte by byte", [.grpcSuccess(.init(), .byteByByte(pauseMilliseconds: 2))], .delivered),
        FaultCase(
            "answers later than the timeout", [.grpcSuccess(.init(), .late(milliseconds: 1_000))],
            .late("gRPC DEADLINE_EXCEEDED"), timeout: .milliseconds(200)),
        FaultCase(
            "closes the connection after each answer, and says so",
            Array(repeating: .grpcSuccess(.init(), .atOnce, .close), count: 3), .delivered(attempts: 3...6),
            batches: 3, isPatient: true),
        FaultCase(
            "closes the connection after each answer without a word",
            Array(repeating: .grpcSuccess(.init(), .atOnce, .closeSilently), count: 3),
            .delivered(attempts: 3...6), batches: 3, isPatient: true),
    ]

    private static func goAwayAtStart(_ code: HTTP2ErrorCode) -> FaultCase {
        FaultCase(
            "sends GOAWAY (\(code.name)) before any request", [.goAwayAtStart(code)],
            .delivered(attempts: 1...3), isPatient: true)
    }

    private static func goAwayInRequest(_ code: HTTP2ErrorCode) -> FaultCase {
        FaultCase(
            "sends GOAWAY (\(code.name)) instead of an answer", [.goAwayInRequest(code)],
            .delivered(attempts: 2...3, arrivals: 2...3), isPatient: true)
    }

    static let goAway: [FaultCase] = [
        goAwayAtStart(.noError), goAwayAtStart(.enhanceYourCalm), goAwayInRequest(.noError),
        goAwayInRequest(.internalError),
        FaultCase(
            "sends GOAWAY, then its answer", [.answerWithGoAway(.noError)], .delivered(attempts: 2...3),
            batches: 2, isPatient: true),
    ]

    /// The transport makes UNAVAILABLE of each, which is retryable.
    static let streamResets: [FaultCase] = resetCodes.map { (code: HTTP2ErrorCode) -> FaultCase in
        FaultCase("resets the stream (\(code.name))", [.resetStream(code)], .retried(arrivals: 2))
    }

    private static let resetCodes: [HTTP2ErrorCode] = [
        .noError, .protocolError, .internalError, .flowControlError, .settingsTimeout,
        .streamClosed, .frameSizeError, .refusedStream, .cancel, .compressionError, .connectError,
        .enhanceYourCalm, .inadequateSecurity, .http11Required,
    ]

    /// OTLP 1.11.0, "OTLP/gRPC Response": number, name, whether it is retryable; nil: by RetryInfo alone.
    private static let codes: [(Int, String, Bool?)] = [
        (1, "CANCELLED", true), (2, "UNKNOWN", false), (3, "INVALID_ARGUMENT", false),
        (4, "DEADLINE_EXCEEDED", true), (5, "NOT_FOUND", false), (6, "ALREADY_EXISTS", false),
        (7, "PERMISSION_DENIED", false), (8, "RESOURCE_EXHAUSTED", nil), (9, "FAILED_PRECONDITION", false),
        (10, "ABORTED", true), (11, "OUT_OF_RANGE", true), (12, "UNIMPLEMENTED", false),
        (13, "INTERNAL", false), (14, "UNAVAILABLE", true), (15, "DATA_LOSS", true),
        (16, "UNAUTHENTICATED", false),
    ]

    private static func wait(_ duration: Duration) -> RPCStatus.Detail {
        .init(RetryInfo(retryDelay: duration))
    }

    private static func status(_ number: Int, _ name: String, isRetryable: Bool) -> FaultCase {
        FaultCase(
            "answers \(name)", [.status(number)],
            isRetryable ? .retried(arrivals: 2) : .lost("because of"))
    }

    private static func statusWithRetryInfo(_ number: Int, _ name: String, isRetryable: Bool) -> FaultCase {
        FaultCase(
            "answers \(name) with RetryInfo", [.status(number, [wait(.milliseconds(2_500))])],
            isRetryable ? .retried(arrivals: 2, after: [.milliseconds(2_500)]) : .lost("because of"))
    }

    static let statuses: [FaultCase] = codes.flatMap { (code: (Int, String, Bool?)) -> [FaultCase] in
        [
            status(code.0, code.1, isRetryable: code.2 ?? false),
            statusWithRetryInfo(code.0, code.1, isRetryable: code.2 ?? true),
        ]
    }

    static let oddStatuses: [FaultCase] = [
        FaultCase(
            "answers RESOURCE_EXHAUSTED with a RetryInfo of no time", [.status(8, [wait(.zero)])],
            .retried(arrivals: 2)),
        FaultCase(
            "answers UNAVAILABLE with a RetryInfo beyond the timeout",
            [.status(14, [wait(.seconds(60))])],
            .lost("because of")),
        FaultCase(
            "answers UNAVAILABLE for ever", Array(repeating: .status(14), count: 9),
            .givenUp("gRPC UNAVAILABLE: because of", arrivals: 5)),
        FaultCase("answers a code that does not exist", [.status(99)], .lost("gRPC UNKNOWN")),
    ]

    static let partialSuccess: [FaultCase] = [
        FaultCase(
            "rejects one span", [partial(1, "bad id")], .partly(rejected: 1, "bad id")),
        FaultCase(
            "takes all and warns", [partial(0, "old protocol")], .delivered(warning: "old protocol")),
    ]

    private static func partial(_ rejected: Int64, _ message: String) -> Fault {
        .grpcSuccess(.init(partialSuccess: .init(rejectedSpans: rejected, errorMessage: message)))
    }

    static let oddities: [FaultCase] = [
        FaultCase(
            "speaks something else than HTTP/2", [.garbage("SSH-2.0-OpenSSH_9.2\r\n")],
            .delivered(attempts: 2...3), isPatient: true),
        FaultCase(
            "speaks HTTP/1.1", [.garbage("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")],
            .delivered(attempts: 2...3), isPatient: true),
        FaultCase(
            "answers with a message of more than 4 MiB", [.grpcMessage(declaredLength: 4 << 20 + 1)],
            .lost("the answer is longer than 4194304 bytes")),
    ]

    /// gRPC, "HTTP to gRPC Status Code Mapping".
    static let web: [FaultCase] = [200, 400, 401, 403, 404, 429, 500, 502, 503, 504].map {
        (status: Int) -> FaultCase in
        let isRetryable = [429, 502, 503, 504].contains(status)
        return FaultCase(
            "answers as a web server: \(status)", [.web(status)],
            isRetryable ? .retried(arrivals: 2) : .lost("gRPC"))
    }
}

extension HTTP2ErrorCode {
    /// As RFC 9113 writes it.
    var name: String {
        let names = [
            "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
            "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
            "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
        ]
        return names.indices.contains(networkCode) ? names[networkCode] : "\(networkCode)"
    }
}
