// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing
import WebUI

@Suite("Web page: serving")
struct WebPageTests {
    private func page(_ uri: String, _ method: HTTPRequest.Method = .get, tag: String? = nil) async throws
        -> TestResponse
    {
        let router = Router()
        WebPage().addRoutes(to: router)
        var headers = HTTPFields()
        headers[.ifNoneMatch] = tag
        let app = Application(router: router)
        return try await app.test(.router) { [headers] client in
            try await client.execute(uri: uri, method: method, headers: headers)
        }
    }

    @Test(
        "the search and a trace are the same document",
        arguments: [
            "/", "/?service=items", "/trace/4bf92f3577b34da6A3CE929D0E0E4736",
            "/trace/4bf92f3577b34da6a3ce929d0e0e4736/",
            "/trace/4bf92f3577b34da6a3ce929d0e0e4736?span=00f067aa0ba902b7",
        ])
    func document(uri: String) async throws {
        let response = try await page(uri)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(String(buffer: response.body).contains(#"<script type="module" src="/assets/js/main.js">"#))
    }

    @Test(
        "each kind of file has its content type",
        arguments: [
            ("/assets/js/main.js", "text/javascript; charset=utf-8"),
            ("/assets/css/base.css", "text/css; charset=utf-8"),
            ("/assets/favicon.svg", "image/svg+xml"),
        ])
    func contentType(uri: String, type: String) async throws {
        let response = try await page(uri)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == type)
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
    }

    @Test(
        "an unknown path gets a page that says so",
        arguments: [
            "/nothing", "/nothing/here", "/trace", "/trace/short",
            "/trace/4bf92f3577b34da6a3ce929d0e0e4736/more",
            "/trace/zzf92f3577b34da6a3ce929d0e0e4736", "/assets/js/none.js", "/assets/../Package.swift",
            "/assets",
        ])
    func notFound(uri: String) async throws {
        let response = try await page(uri)
        #expect(response.status == .notFound)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(String(buffer: response.body).contains("There is no page here"))
    }

    @Test("paths of the API are not the page's", arguments: ["/api", "/api/v1/nothing"])
    func api(uri: String) async throws {
        let response = try await page(uri)
        #expect(response.status == .notFound)
        #expect(!String(buffer: response.body).contains("<html"))
    }

    @Test("a file that has not changed is not sent again")
    func notModified() async throws {
        let tag = try #require(try await page("/assets/js/main.js").headers[.eTag])
        #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
        for sent in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let again = try await page("/assets/js/main.js", tag: sent)
            #expect(again.status == .notModified)
            #expect(again.body.readableBytes == 0)
            #expect(again.headers[.eTag] == tag)
        }
        #expect(try await page("/assets/js/main.js", tag: "\"other\"").status == .ok)
        #expect(try await page("/assets/js/api.js").headers[.eTag] != tag)
    }

    @Test("HEAD tells the length and sends nothing")
    func head() async throws {
        let whole = try await page("/assets/js/main.js")
        let head = try await page("/assets/js/main.js", .head)
        #expect(head.status == .ok)
        #expect(head.body.readableBytes == 0)
        #expect(head.headers[.contentLength] == String(whole.body.readableBytes))
    }

    @Test("nothing but this origin may be loaded or run", arguments: ["/", "/nothing", "/assets/js/main.js"])
    func policy(uri: String) async throws {
        let headers = try await page(uri).headers
        let policy = try #require(headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
        #expect(!policy.contains("unsafe"))
        #expect(policy.contains("frame-ancestors 'none'"))
        let referrer = try #require(HTTPField.Name("Referrer-Policy"))
        #expect(headers[referrer] == "no-referrer")
    }
}

@Suite("Web page: what is compiled in")
struct WebAssetTests {
    /// For editors and `tsc`, not for browsers.
    private let notServed: Set<String> = ["jsconfig.json", "package.json"]

    @Test("every file of web/ is compiled in, byte for byte, and nothing else")
    func complete() throws {
        let folder = Program.packageRoot.appending(path: "web")
        let enumerator = try #require(
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var files: [String: [UInt8]] = [:]
        for case let file as URL in enumerator where !file.hasDirectoryPath {
            let path = String(
                file.resolvingSymlinksInPath().path().dropFirst(folder.resolvingSymlinksInPath().path().count)
            )
            .split(separator: "/").joined(separator: "/")
            if !notServed.contains(path) { files[path] = try [UInt8](Data(contentsOf: file)) }
        }
        let assets = WebAsset.all()
        #expect(Set(assets.map(\.path)) == Set(files.keys))
        #expect(assets.count == files.count)
        for asset in assets {
            let isSame = Array(buffer: asset.bytes) == files[asset.path]
            #expect(isSame, "\(asset.path) was changed after the build")
        }
    }

    @Test("no document has a script or a style in it")
    func nothingInline() throws {
        for asset in WebAsset.all() where asset.path.hasSuffix(".html") {
            let text = String(buffer: asset.bytes)
            #expect(!text.contains("<style"), "\(asset.path)")
            #expect(!text.contains(" style="), "\(asset.path)")
            #expect(!text.contains("<script>"), "\(asset.path)")
            #expect(!text.contains(" onclick="), "\(asset.path)")
        }
    }

    @Test("no module turns text into HTML")
    func noHTMLSinks() throws {
        let sinks = [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
        ]
        for asset in WebAsset.all() where asset.path.hasSuffix(".js") {
            let text = String(buffer: asset.bytes)
            for sink in sinks { #expect(!text.contains(sink), "\(asset.path) uses \(sink)") }
        }
    }
}
