// SPDX-License-Identifier: Apache-2.0

import HTTPConventions
import Testing

@Suite("Hosts and forwarding headers")
struct ForwardingTests {
    @Test(
        "host and port are told apart",
        arguments: [
            ("example.com", "example.com", nil), ("example.com:8080", "example.com", 8080),
            (" 10.0.0.1:1 ", "10.0.0.1", 1), ("[::1]:443", "::1", 443), ("[2001:db8::7]", "2001:db8::7", nil),
            ("2001:db8::7", "2001:db8::7", nil),
        ] as [(String, String, Int?)])
    func host(text: String, host: String, port: Int?) {
        let parsed = HostAndPort(text)
        #expect(parsed?.host == host)
        #expect(parsed?.port == port)
    }

    @Test(
        "what is no host is refused",
        arguments: [
            "", ":80", "a:b", "a:0", "a:65536", "a:-1", "[::1", "[]:80", "[::1]80", "a:99999999999999999999",
        ])
    func noHost(text: String) {
        #expect(HostAndPort(text) == nil)
    }

    @Test("the first element of Forwarded counts, in any case and order, quoted or not")
    func forwarded() {
        let first = ForwardedElement(
            #"For="[2001:db8::1]:4711";Proto=HTTPS; host="shop.example:8443", for=10.0.0.9"#)
        #expect(first.client == "[2001:db8::1]:4711")
        #expect(first.scheme == "https")
        #expect(first.host == "shop.example:8443")
    }

    @Test("garbage gives nothing", arguments: ["", ";;;", "=", "for", "for=", ",for=1", #"for=""#])
    func garbage(text: String) {
        let element = ForwardedElement(text)
        #expect(element.client == nil)
        #expect(element.host == nil)
        #expect(element.scheme == nil)
    }
}
