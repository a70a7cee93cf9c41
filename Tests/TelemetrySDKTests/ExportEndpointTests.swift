// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK
import Testing

@Suite("Export: endpoints")
struct ExportEndpointTests {
    @Test("what a receiver may repeat of an address is known, whole and in parts")
    func secrets() throws {
        #expect(
            try EndpointURL("https://ann:pass@h/v1?key=abcd&x#f").secrets
                == ["ann:pass", "key=abcd&x", "ann", "pass", "abcd", ""])
        #expect(try EndpointURL("http://h:1/v1").secrets == [])
        #expect(try EndpointURL("http://token%zz@h").basicAuthorization == "Basic dG9rZW4leno6")
    }

    @Test(
        "what is logged of an endpoint has neither user nor query",
        arguments: [
            ("http://localhost:4318/v1/traces", "http://localhost:4318/v1/traces"),
            ("HTTPS://user:secret@Host/p?token=secret#x", "https://Host/p"),
            ("http://[::1]:4318", "http://[::1]:4318"), ("http://h?k=secret", "http://h"),
            ("https://a@b@host:1/", "https://host:1/"),
        ])
    func description(url: String, expected: String) throws {
        #expect(try EndpointURL(url).description == expected)
    }

    @Test("host and port are taken apart")
    func parts() throws {
        let endpoint = try EndpointURL("https://[2001:db8::1]:4317")
        #expect(endpoint.hostToDial == "2001:db8::1")
        #expect(endpoint.port == 4317)
        #expect(endpoint.scheme == .https)
        #expect(try EndpointURL("http://h").port == nil)
    }

    @Test(
        "what is no http URL is no endpoint",
        arguments: [
            "", "localhost:4318", "http://", "http://:80", "ftp://h", "http://h:0", "http://h:65536",
            "http://h:x", "http://h:+4318", "http://h:", "http://[]:1", "http://u:p#w@h",
            "http://[::1", "http://h ost", "http://hö", "//h", "http://[::1]x",
        ])
    func invalid(url: String) { #expect(throws: InvalidEndpoint.self) { try EndpointURL(url) } }

    @Test("a receiver's words lose the secrets that they echo, and are cut")
    func safeMessages() {
        let headers = [("authorization", "Bearer abcdefgh-secret"), ("x", "1")]
        let message = ExporterIdentity.safe("bad token abcdefgh-secret 1 Bearer", hiding: headers)
        #expect(message == "bad token … 1 Bearer")
        #expect(ExporterIdentity.safe(String(repeating: "x", count: 5_000), hiding: []).count < 400)
    }
}
