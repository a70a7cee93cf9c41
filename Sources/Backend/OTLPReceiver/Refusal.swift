// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

/// Why a request was not accepted, in words for its sender. Both transports map it: HTTP to a status, gRPC to
/// a code.
package struct Refusal: Error, Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case malformed
        case tooLarge = "too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case unsupportedCompression = "unsupported_compression"
        case methodNotAllowed = "method_not_allowed"
        case unknownPath = "unknown_path"
        /// Not one message in a call, but none or several.
        case messageCount = "message_count"
        case signalNotStored = "signal_not_stored"
        case misdirected
        case overloaded
        case stalled
        case storeUnavailable = "store_unavailable"
        case storeFailed = "store_failed"
    }

    package let reason: Reason
    /// One sentence; never contains what the request is to store.
    package let message: String
    /// Which part of the request is to blame: a field of its message, a header; empty for the whole request.
    package let field: String
    /// What is wrong with ``field``, and at which byte; ``message`` when nothing more can be said.
    package let violation: String

    package init(_ reason: Reason, _ message: String, field: String = "", violation: String? = nil) {
        self.reason = reason
        self.message = message
        self.field = field
        self.violation = violation ?? message
    }

    package init(_ error: StorageError) {
        switch error {
        case .unavailable, .closed: self.init(.storeUnavailable, error.description)
        case .tooLarge: self.init(.tooLarge, error.description)
        case .cannotOpen, .newerSchema, .damaged, .failed, .badCursor, .cancelled:
            self.init(.storeFailed, error.description)
        }
    }
}

extension Refusal {
    package static func tooLarge(limit: Int) -> Refusal {
        Refusal(
            .tooLarge,
            "the request has more than \(limit) bytes, the most that is accepted in one; send smaller batches"
        )
    }

    /// For a Host that is neither an address nor a name of this server.
    package static let misdirected = Refusal(
        .misdirected,
        "contrail answers to addresses, to localhost and to the names it was told; the Host of this request "
            + "is another name. Ask by address, or start contrail with --allowed-host and that name")

    package static let overloaded = Refusal(
        .overloaded, "too many bytes of requests are being worked on; try again later")

    /// For a body that came too slowly, see ``ReceiverLimits/bodyTimeout``.
    package static let stalled = Refusal(.stalled, "the rest of the request did not arrive in time")

    /// `signal` as people call it: "metrics".
    package static func notStored(_ signal: String) -> Refusal {
        Refusal(
            .signalNotStored,
            "contrail stores traces and logs for now; switch the export of \(signal) off "
                + "(OTEL_\(signal.uppercased())_EXPORTER=none) or send it elsewhere")
    }
}

extension Refusal.Reason {
    /// True when the same request may succeed later.
    package var isRetryable: Bool {
        switch self {
        case .overloaded, .storeUnavailable: true
        case .malformed, .tooLarge, .unsupportedMediaType, .unsupportedCompression, .methodNotAllowed,
            .unknownPath, .messageCount, .signalNotStored, .misdirected,
            .stalled, .storeFailed:
            false
        }
    }

    /// True when the request itself is wrong, in a part that can be named.
    package var isBadRequest: Bool { statusCode == 3 }

    // OTLP 1.11.0 specification, "OTLP/HTTP Throttling": 429 or 503, with Retry-After; "Bad Data": 400.
    package var httpStatus: Int {
        switch self {
        case .malformed, .messageCount: 400
        case .unknownPath, .signalNotStored: 404
        case .methodNotAllowed: 405
        // RFC 9110, 15.5.9: 408 "indicates that the server did not receive a complete request message within
        // the time that it was prepared to wait".
        case .stalled: 408
        case .tooLarge: 413
        case .unsupportedMediaType, .unsupportedCompression: 415
        case .misdirected: 421
        case .overloaded: 429
        case .storeFailed: 500
        case .storeUnavailable: 503
        }
    }

    // OTLP 1.11.0 specification, "OTLP/gRPC Throttling": UNAVAILABLE with RetryInfo; "Failures": bad data is
    // INVALID_ARGUMENT, and RESOURCE_EXHAUSTED without RetryInfo is not retried.
    /// Number of the gRPC status code, also `code` of the `google.rpc.Status` in HTTP bodies.
    package var statusCode: Int32 {
        switch self {
        case .malformed, .unsupportedMediaType: 3  // INVALID_ARGUMENT
        case .stalled: 4  // DEADLINE_EXCEEDED
        case .unknownPath: 5  // NOT_FOUND
        case .misdirected: 7  // PERMISSION_DENIED
        case .tooLarge: 8  // RESOURCE_EXHAUSTED
        // gRPC, "Status codes": UNIMPLEMENTED is for a "Request cardinality violation", too.
        case .signalNotStored, .methodNotAllowed, .unsupportedCompression, .messageCount: 12  // UNIMPLEMENTED
        case .storeFailed: 13  // INTERNAL
        case .overloaded, .storeUnavailable: 14  // UNAVAILABLE
        }
    }
}
