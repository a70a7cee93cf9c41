// SPDX-License-Identifier: Apache-2.0

import FaultyReceiver
import Foundation
import OTLPWire

/// What happens when a receiver of OTLP/HTTP …
enum HTTPFaults {
    static let all: [FaultCase] = [
        connections, tls, final, retryable, repeated, redirects, throttling, retryAfter, partialSuccess,
        oddities,
    ].flatMap { $0 }

    static let tls = TLSFault.rows { fault in
        switch fault {
        case .none: ""
        case .unknownAuthority, .expired: "TLS: certificate verify failed"
        case .wrongName: "TLS: the certificate is another host's"
        case .noClientCertificate: "TLS: tlsv1 alert certificate required"
        }
    }

    static let connections: [FaultCase] = [
        FaultCase("refuses the connection once", [.refuse], .retried(arrivals: 1)),
        FaultCase(
            "refuses every connection", Array(repeating: .refuse, count: 9),
            .givenUp("connection refused", arrivals: 0)),
        FaultCase("resets the connection", [.resetConnection], .retried(arrivals: 1)),
        FaultCase(
            "accepts the connection and says nothing", [.silentConnection],
            .late("no response in time", arrivals: 0), timeout: .milliseconds(200)),
        FaultCase(
            "resets the connection in the middle of a request", [.resetInRequest], .retried(arrivals: 1),
            payload: 200_000),
        FaultCase("takes a request and closes the connection", [.disconnect], .retried(arrivals: 2)),
        FaultCase(
            "takes a request and says nothing", [.hang], .late("no response in time"),
            timeout: .milliseconds(200)),
        FaultCase(
            "resets the connection in the middle of a 200", [.success(.halfThenReset)],
            .delivered(warning: "the response cannot be read")),
        FaultCase(
            "stops in the middle of a 200", [.success(.halfThenSilence)],
            .delivered(warning: "the response cannot be read"), timeout: .milliseconds(200)),
        FaultCase(
            "closes the connection in the middle of an answer's head",
            [.garbage("HTTP/1.1 200 OK\r\nContent-")], .retried(arrivals: 1)),
        FaultCase("answers byte by byte", [.success(.byteByByte(pauseMilliseconds: 1))], .delivered),
        FaultCase(
            "answers later than the timeout", [.success(.late(milliseconds: 1_000))],
            .late("no response in time"), timeout: .milliseconds(200)),
        FaultCase(
            "closes the connection after each answer, and says so",
            Array(repeating: .success(.atOnce, .close), count: 3), .delivered(attempts: 3...3), batches: 3),
        FaultCase(
            "closes the connection after each answer without a word",
            Array(repeating: .success(.atOnce, .closeSilently), count: 3), .delivered(attempts: 3...5),
            batches: 3),
    ]

    /// OTLP 1.11.0, "Retryable Response Codes": 429, 502, 503, 504; "All other 4xx or 5xx response status codes
    /// MUST NOT be retried".
    static let final: [FaultCase] = [400, 401, 403, 404, 405, 408, 413, 415, 500, 501, 505].map {
        (status: Int) -> FaultCase in
        FaultCase("answers \(status)", [.http(status)], .lost("HTTP \(status): because of"))
    }

    static let retryable: [FaultCase] = [429, 502, 503, 504].map { (status: Int) -> FaultCase in
        FaultCase("answers \(status) once", [.http(status)], .retried(arrivals: 2))
    }

    static let repeated: [FaultCase] = [
        FaultCase(
            "answers 503 four times", Array(repeating: .http(503), count: 4),
            .retried(arrivals: 5, after: [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4)])),
        FaultCase(
            "answers 503 for ever", Array(repeating: .http(503), count: 9),
            .givenUp("HTTP 503: because of", arrivals: 5)),
    ]

    /// Not followed: the headers, and so the authorization, would go to somebody else.
    static let redirects: [FaultCase] = [301, 302, 303, 307, 308].map { (status: Int) -> FaultCase in
        FaultCase(
            "redirects with \(status)", [.http(status, location: "/elsewhere")],
            .lost("HTTP \(status): because of"))
    }

    /// OTLP 1.11.0, "OTLP/HTTP Throttling".
    private static func httpDate(_ date: Date) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.string(from: date)
    }

    static let throttling: [FaultCase] = [429, 503].flatMap { (status: Int) -> [FaultCase] in
        var date = FaultCase.Outcome.retried(arrivals: 2, after: [.seconds(5)])
        date.tolerance = .seconds(2)
        return [
            FaultCase(
                "answers \(status) with Retry-After in seconds", [.http(status, retryAfter: "4")],
                .retried(arrivals: 2, after: [.seconds(4)])),
            FaultCase(
                "answers \(status) with Retry-After as a date",
                [.http(status, retryAfter: httpDate(Date(timeIntervalSinceNow: 5)))], date),
        ]
    }

    static let retryAfter: [FaultCase] = [
        FaultCase(
            "answers 503 with a Retry-After in the past",
            [.http(503, retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT")], .retried(arrivals: 2)),
        FaultCase(
            "answers 503 with a Retry-After that is neither", [.http(503, retryAfter: "soon")],
            .retried(arrivals: 2)),
        FaultCase(
            "answers 429 with a Retry-After beyond the timeout", [.http(429, retryAfter: "3600")],
            .lost("HTTP 429: because of")),
        FaultCase(
            "answers 400 with Retry-After", [.http(400, retryAfter: "1")],
            .lost("HTTP 400: because of")),
        FaultCase(
            "answers 500 with Retry-After", [.http(500, retryAfter: "1")],
            .lost("HTTP 500: because of")),
    ]

    /// OTLP 1.11.0, "Partial Success": "The client MUST NOT retry the request when it receives a partial success
    /// response".
    static let partialSuccess: [FaultCase] = [
        FaultCase("rejects one span", [.partial(rejected: 1, "bad id")], .partly(rejected: 1, "bad id")),
        FaultCase("rejects all spans", [.partial(rejected: 4, "bad")], .partly(rejected: 4, "bad")),
        FaultCase("rejects more than it got", [.partial(rejected: 99, "?")], .partly(rejected: 4, "?")),
        FaultCase(
            "rejects fewer than none", [.partial(rejected: -1, "odd")], .delivered(warning: "odd")),
        FaultCase(
            "takes all and warns", [.partial(rejected: 0, "old protocol")],
            .delivered(warning: "old protocol")),
    ]

    static let oddities: [FaultCase] = [
        FaultCase(
            "speaks something else than HTTP", [.garbage("SSH-2.0-OpenSSH_9.2\r\n")],
            .lost("no HTTP", arrivals: 0)),
        FaultCase(
            "answers 200 with a web page", [.http(200, contentType: "text/html", Array("<html>".utf8))],
            .delivered(warning: "the response cannot be read")),
        FaultCase("answers 200 with nothing", [.http(200, contentType: "text/plain", [])], .delivered),
        FaultCase("answers 202 with nothing", [.http(202, contentType: "text/plain", [])], .delivered),
        FaultCase(
            "answers 502 with a web page", [.http(502, contentType: "text/html", Array("<html>".utf8))],
            .retried(arrivals: 2)),
        // OTLP 1.11.0, "OTLP/HTTP Response": over the limit "the client MUST treat the response as a non-retryable
        // error".
        FaultCase(
            "answers 200 with more than 4 MiB",
            [.http(200, contentType: "application/x-protobuf", Array(repeating: 0, count: 4 << 20 + 1))],
            .lost("longer than 4194304 bytes")),
        FaultCase(
            "answers 503 with more than 4 MiB",
            [.http(503, contentType: "application/x-protobuf", Array(repeating: 0, count: 4 << 20 + 1))],
            .lost("longer than 4194304 bytes")),
    ]
}
