// SPDX-License-Identifier: Apache-2.0

internal import NIOHPACK

/// What the headers of a request ask for.
///
/// Source: gRPC over HTTP/2, "Requests". `grpc-timeout` is not looked at: whoever gives up resets the stream, and what
/// the store has begun it ends.
struct GRPCRequestHead {
    let call: OTLPGRPCCalls.Call
    let isGzip: Bool

    init(_ headers: HPACKHeaders) throws(Refusal) {
        var (method, path, type, encoding) = ("", "", "", "identity")
        for (name, value, _) in headers {
            switch name {
            case ":method": method = value
            case ":path": path = value
            case "content-type": type = value
            case "grpc-encoding": encoding = value
            default: break
            }
        }
        // "If Content-Type does not begin with "application/grpc", gRPC servers SHOULD respond with HTTP status of
        // 415".
        guard Self.isProtobuf(type) else {
            throw Refusal(
                .unsupportedMediaType, "content-type must be application/grpc or application/grpc+proto",
                field: "content-type")
        }
        guard method == "POST" else { throw Refusal(.methodNotAllowed, "gRPC comes with POST") }
        call = try OTLPGRPCCalls.Call(path: path)
        switch encoding {
        case "identity": isGzip = false
        case "gzip": isGzip = true
        default: throw Refusal(.unsupportedCompression, "grpc-encoding must be gzip or identity")
        }
    }

    /// "Content-Type → "content-type" "application/grpc" [("+proto" / "+json" / {custom})]", perhaps with parameters.
    private static func isProtobuf(_ type: String) -> Bool {
        if type == "application/grpc" { return true }
        let name = type.prefix { $0 != ";" && $0 != " " }.lowercased()
        return name == "application/grpc" || name == "application/grpc+proto"
    }
}
