// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
package import Hummingbird
internal import NIOCore

/// The page that people look at, served from the program itself.
///
/// `/` and `/trace/{id}` are one document whose modules read the address; `/assets/…` are the files of
/// `web/`. Everything it shows comes from the HTTP API, so it needs no state here.
package struct WebPage: Sendable {
    private let assets: [String: WebAsset]

    package init() {
        assets = Dictionary(WebAsset.all().map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Answers GET and HEAD. Paths that begin with `/api` are left to others.
    package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        for path: RouterPath in ["/", "/trace", "/trace/**", "/assets", "/assets/**", "/**"] {
            for method in [HTTPRequest.Method.get, .head] {
                router.on(path, method: method) { request, _ in try respond(to: request) }
            }
        }
    }

    private func respond(to request: Request) throws -> Response {
        let path = request.uri.path
        if path == "/api" || path.hasPrefix("/api/") { throw HTTPError(.notFound) }
        guard let (asset, status) = asset(at: path) else { throw HTTPError(.notFound) }
        var headers = Self.commonHeaders
        headers[.eTag] = asset.entityTag
        if status == .ok, matches(request.headers[values: .ifNoneMatch], asset.entityTag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = asset.contentType
        let response = Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: asset.bytes))
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func asset(at path: String) -> (WebAsset, HTTPResponse.Status)? {
        let found: WebAsset? =
            if path == "/" || Self.isTrace(path) {
                assets["index.html"]
            } else if path.hasPrefix("/assets/") {
                assets[String(path.dropFirst("/assets/".count))]
            } else {
                nil
            }
        return found.map { ($0, .ok) } ?? assets["not-found.html"].map { ($0, .notFound) }
    }

    /// `/trace/` and 32 hexadecimal digits, in either case; people add a slash, and the page reads that too.
    private static func isTrace(_ path: String) -> Bool {
        guard path.hasPrefix("/trace/") else { return false }
        let id = path.utf8.dropFirst("/trace/".utf8.count).dropLast(path.hasSuffix("/") ? 1 : 0)
        return id.count == 32
            && id.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    true
                default: false
                }
            }
    }

    /// RFC 9110, 13.1.2: a list of tags, weak ones compared by their opaque part, or `*`.
    private func matches(_ fields: [String], _ entityTag: String) -> Bool {
        fields.lazy.flatMap { $0.split(separator: ",") }.contains { listed in
            let tag = listed.drop(while: \.isWhitespace)
            let opaque = (tag.hasPrefix("W/") ? tag.dropFirst(2) : tag).prefix { !$0.isWhitespace }
            return opaque == "*" || opaque == entityTag
        }
    }

    /// Nothing but this origin may be loaded, run, framed or connected to; the page has no inline script or
    /// style. Names and attribute values come from strangers, so this is the second wall behind "text only".
    private static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "font-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private static let commonHeaders: HTTPFields = {
        var headers: HTTPFields = [
            // Ask each time: the files change with the program, and the entity tag makes the answer small.
            .cacheControl: "no-cache",
            .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: contentSecurityPolicy,
        ]
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }()
}
