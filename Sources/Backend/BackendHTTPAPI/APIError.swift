// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import TelemetryStorage

/// What the API answers instead of what was asked for.
struct APIError: Error, Hashable {
    /// The bounded word for programs.
    enum Code: String, Hashable, CaseIterable {
        case badParameter = "bad_parameter"
        case unknownParameter = "unknown_parameter"
        case unknownTrace = "unknown_trace"
        case unknownPath = "unknown_path"
        case methodNotAllowed = "method_not_allowed"
        case storeUnavailable = "store_unavailable"
        case storeDamaged = "store_damaged"
        case notReady = "not_ready"

        var status: HTTPResponse.Status {
            switch self {
            case .badParameter, .unknownParameter: .badRequest
            case .unknownTrace, .unknownPath: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .storeUnavailable, .notReady: .serviceUnavailable
            case .storeDamaged: .internalServerError
            }
        }
    }

    let code: Code
    /// For people: what is wrong and what to write instead.
    let message: String
    /// The parameter to blame, if it is one.
    let parameter: String?

    init(_ code: Code, _ message: String, parameter: String? = nil) {
        self.code = code
        self.message = message
        self.parameter = parameter
    }

    init(_ error: StorageError) {
        switch error {
        case .badCursor:
            self.init(
                .badParameter, "cursor: \(error); take it from nextCursor of the page before",
                parameter: "cursor")
        case .damaged, .failed: self.init(.storeDamaged, "\(error)")
        case .closed, .unavailable, .tooLarge, .cannotOpen, .newerSchema, .cancelled:
            self.init(.storeUnavailable, "\(error)")
        }
    }

    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("code", .string(code.rawValue)), ("message", .string(message)),
        ]
        if let parameter { members.append(("parameter", .string(parameter))) }
        return ["error": .object(members)]
    }
}

extension APIError: HTTPResponseError {
    var status: HTTPResponse.Status { code.status }

    func response(from request: Request, context: some RequestContext) -> Response {
        var response = Response(status: code.status, body: json.bytes)
        // RFC 9110, 15.5.6: "The origin server MUST generate an Allow header field in a 405 response".
        if code == .methodNotAllowed { response.headers[.allow] = "GET, HEAD" }
        return request.method == .head ? response.createHeadResponse() : response
    }
}

extension Response {
    /// An answer of this API: not to be kept, because the next span may change it.
    init(status: HTTPResponse.Status = .ok, body: [UInt8], mediaType: String = "application/json") {
        self.init(
            status: status,
            headers: [
                .contentType: mediaType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
