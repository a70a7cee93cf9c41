// SPDX-License-Identifier: Apache-2.0

internal import HTTPConventions
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Tracing

/// What the stable HTTP server conventions (1.44) say of a request, before anybody has answered it.
struct RequestAttributes {
    let method: HTTPRequestMethod
    private let request: Request
    private let peer: SocketAddress?

    init(_ request: Request, peer: SocketAddress?) {
        method = HTTPRequestMethod(request.method.rawValue)
        self.request = request
        self.peer = peer
    }

    /// Sets the attributes; `headers` are the names of request headers to record besides.
    func apply(to attributes: inout SpanAttributes, headers: [RecordedHeader]) {
        let fields = request.headers
        let forwarded = field("Forwarded").map { ForwardedElement($0) }

        attributes["http.request.method"] = method.value
        if let original = method.original {
            attributes["http.request.method_original"] = original
        }
        attributes["url.path"] = request.uri.path
        attributes["url.scheme"] = scheme(forwarded)
        if let query = request.uri.query, !query.isEmpty {
            attributes["url.query"] = HTTPRedaction.query(query)
        }
        if let server = server(forwarded) {
            attributes["server.address"] = server.host
            if let port = server.port { attributes["server.port"] = port }
        }
        if let client = client(forwarded) { attributes["client.address"] = client }
        if let address = peer?.ipAddress ?? peer?.pathname {
            attributes["network.peer.address"] = address
            if let port = peer?.port { attributes["network.peer.port"] = port }
        }
        if let agent = fields[.userAgent] { attributes["user_agent.original"] = agent }
        for header in headers { header.record(fields, "http.request.header.", into: &attributes) }
    }

    // "The scheme of the original client request, if known (e.g. from Forwarded#proto, X-Forwarded-Proto, or
    // a similar header). Otherwise, the scheme of the immediate peer request."
    private func scheme(_ forwarded: ForwardedElement?) -> String {
        forwarded?.scheme ?? first(of: "X-Forwarded-Proto")?.lowercased() ?? request.head.scheme ?? "http"
    }

    // "server.address": first of Forwarded#host and X-Forwarded-Host, `:authority`, Host.
    private func server(_ forwarded: ForwardedElement?) -> HostAndPort? {
        let candidates = [forwarded?.host, first(of: "X-Forwarded-Host"), request.head.authority]
        return candidates.lazy.compactMap { $0.flatMap { HostAndPort($0) } }.first
    }

    // "client.address": "The IP address of the original client behind all proxies, if known (e.g. from
    // Forwarded#for, X-Forwarded-For, or a similar header). Otherwise, the immediate client peer address."
    private func client(_ forwarded: ForwardedElement?) -> String? {
        let candidates = [forwarded?.client, first(of: "X-Forwarded-For")]
        return candidates.lazy.compactMap { $0.flatMap { HostAndPort($0)?.host } }.first
            ?? peer?.ipAddress ?? peer?.pathname
    }

    /// The first of the comma-separated values of a header.
    private func first(of name: String) -> String? {
        guard let value = field(name) else { return nil }
        let first = value.prefix { $0 != "," }
        return first.isEmpty ? nil : String(first)
    }

    private func field(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers[$0] } }
}
