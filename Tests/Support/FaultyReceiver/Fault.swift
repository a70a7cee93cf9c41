// SPDX-License-Identifier: Apache-2.0

package import NIOHTTP2
package import OTLPWire

/// What ``FaultyReceiver`` does with one connection or one request. The cases above the line below are used up by a
/// connection when it is made, the others by a request when it arrives.
package enum Fault: Sendable {
    // MARK: A connection

    /// Nobody listens, until ``FaultyReceiver/nextAttempt()`` has been called once for each of these.
    case refuse
    /// Reset (RST) as soon as it is made.
    case resetConnection
    /// Accepted, and never a byte is read or written.
    case silentConnection
    /// Answered with these bytes as soon as something arrives, whatever that is, then closed.
    case garbage(String)
    /// HTTP/2: GOAWAY before any request, nothing processed; then closed.
    case goAwayAtStart(HTTP2ErrorCode)

    // MARK: A request

    /// Reset when its head is there and its body is not (in HTTP/2: not all of it).
    case resetInRequest
    /// Taken whole, then the connection is closed without an answer.
    case disconnect
    /// Taken whole, and never answered.
    case hang
    /// Answered.
    case answer(Answer)
    /// HTTP/2: RST_STREAM with this code.
    case resetStream(HTTP2ErrorCode)
    /// HTTP/2: GOAWAY that says that the request is not processed; then closed.
    case goAwayInRequest(HTTP2ErrorCode)
    /// HTTP/2: GOAWAY that lets the request finish, its answer, the end of the connection.
    case answerWithGoAway(HTTP2ErrorCode)

    var isOfConnection: Bool {
        switch self {
        case .refuse, .resetConnection, .silentConnection, .garbage, .goAwayAtStart: true
        case .resetInRequest, .disconnect, .hang, .answer, .resetStream, .goAwayInRequest, .answerWithGoAway:
            false
        }
    }

    var isRefusal: Bool {
        if case .refuse = self { true } else { false }
    }

    /// In a header: stands for the value of the request's `authorization`, as a careless receiver would repeat it.
    static let echo = "{authorization}"
}

/// One answer, in HTTP/1.1 or as headers, message and trailers of a gRPC call.
package struct Answer: Sendable {
    /// How the answer's bytes leave.
    package enum Pace: Sendable {
        case atOnce
        /// One byte after another, with a pause between them.
        case byteByByte(pauseMilliseconds: Int)
        /// Half of the body, then nothing more.
        case halfThenSilence
        /// Half of the body, then a reset (HTTP/2: of the connection).
        case halfThenReset
        /// Nothing at all, then the whole.
        case late(milliseconds: Int)
    }

    package enum Ending: Sendable {
        /// The connection is kept.
        case keep
        /// `Connection: close`, and closed; in HTTP/2 closed after a GOAWAY.
        case close
        /// Closed without notice.
        case closeSilently
    }

    /// HTTP status; of a gRPC call, too.
    package var status = 200
    package var headers: [(String, String)] = []
    /// In gRPC without the five bytes before a message. Made from the request's `authorization`, which careless
    /// receivers repeat.
    package var body: @Sendable (_ authorization: String) -> [UInt8] = { _ in [] }
    /// What gRPC declares as the message's length, when it is another than that of `body`.
    package var declaredLength: UInt32?
    /// gRPC only; nil leaves the trailers out and makes it an answer of HTTP.
    package var trailers: [(String, String)]? = []
    package var pace = Pace.atOnce
    package var ending = Ending.keep

    package init() {}
}

extension Fault {
    // MARK: OTLP/HTTP

    private static let protobuf = ("Content-Type", "application/x-protobuf")

    /// 200 with an empty `ExportTraceServiceResponse`.
    package static func success(_ pace: Answer.Pace = .atOnce, _ ending: Answer.Ending = .keep) -> Fault {
        var answer = Answer()
        answer.headers = [protobuf]
        // A message that is there and says nothing, so that there are bytes to be late with.
        let response = ExportTraceServiceResponse(partialSuccess: .init())
        answer.body = { _ in OTLPProtobuf.encode(response) }
        answer.pace = pace
        answer.ending = ending
        return .answer(answer)
    }

    /// 200, but `rejected` spans were not taken.
    package static func partial(rejected: Int64, _ message: String) -> Fault {
        var answer = Answer()
        answer.headers = [protobuf]
        let response = ExportTraceServiceResponse(
            partialSuccess: .init(rejectedSpans: rejected, errorMessage: message))
        answer.body = { _ in OTLPProtobuf.encode(response) }
        return .answer(answer)
    }

    /// An error with a `google.rpc.Status` as its body.
    package static func http(_ status: Int, retryAfter: String? = nil, location: String? = nil) -> Fault {
        var answer = Answer()
        answer.status = status
        answer.headers = [protobuf]
        if let retryAfter { answer.headers.append(("Retry-After", retryAfter)) }
        if let location { answer.headers.append(("Location", location)) }
        answer.body = { OTLPProtobuf.encode(RPCStatus(message: "because of \($0)")) }
        return .answer(answer)
    }

    /// Something that no receiver of OTLP says.
    package static func http(_ status: Int, contentType: String, _ body: [UInt8]) -> Fault {
        var answer = Answer()
        answer.status = status
        answer.headers = [("Content-Type", contentType)]
        answer.body = { _ in body }
        return .answer(answer)
    }

    // MARK: OTLP/gRPC

    private static let grpc = ("content-type", "application/grpc+proto")

    /// Status 0 with a message.
    package static func grpcSuccess(
        _ response: ExportTraceServiceResponse = .init(), _ pace: Answer.Pace = .atOnce,
        _ ending: Answer.Ending = .keep
    ) -> Fault {
        .answer(grpcAnswer(response, pace, ending))
    }

    static func grpcAnswer(
        _ response: ExportTraceServiceResponse, _ pace: Answer.Pace = .atOnce, _ ending: Answer.Ending = .keep
    ) -> Answer {
        var answer = Answer()
        answer.headers = [grpc]
        answer.body = { _ in OTLPProtobuf.encode(response) }
        answer.trailers = [("grpc-status", "0")]
        answer.pace = pace
        answer.ending = ending
        return answer
    }

    /// A status that is no success, in trailers alone; with `details` in `grpc-status-details-bin`.
    package static func status(_ code: Int, _ details: [RPCStatus.Detail] = []) -> Fault {
        var answer = Answer()
        answer.headers = [grpc, ("grpc-status", "\(code)"), ("grpc-message", "because of \(echo)")]
        if !details.isEmpty {
            let status = RPCStatus(code: Int32(code), message: "because", details: details)
            answer.headers.append(("grpc-status-details-bin", base64(OTLPProtobuf.encode(status))))
        }
        answer.trailers = nil
        return .answer(answer)
    }

    /// A message that is said to have `length` bytes.
    package static func grpcMessage(declaredLength length: UInt32) -> Fault {
        var answer = Answer()
        answer.headers = [grpc]
        answer.body = { _ in [0, 0] }
        answer.declaredLength = length
        answer.trailers = [("grpc-status", "0")]
        return .answer(answer)
    }

    /// HTTP/2, but no gRPC.
    package static func web(_ status: Int, contentType: String = "text/html") -> Fault {
        var answer = Answer()
        answer.status = status
        answer.headers = [("content-type", contentType)]
        answer.body = { _ in Array("<html>".utf8) }
        answer.trailers = nil
        return .answer(answer)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".unicodeScalars)
        var text = String.UnicodeScalarView()
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * (3 - UInt32(group.count)))
            for index in 0...group.count { text.append(letters[Int(bits >> (18 - 6 * UInt32(index)) & 63)]) }
        }
        return String(text)
    }
}
