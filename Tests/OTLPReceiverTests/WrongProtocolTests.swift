// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import OTLPReceiver

@Suite("Which HTTP a connection speaks")
struct WrongProtocolTests {
    @Test(
        "its first four bytes tell; fewer are waited for where they may still become the other",
        arguments: [
            ("PRI * HTTP/2.0\r\n", true, false), ("PRI ", true, false), ("PRI", nil, false),
            ("P", nil, nil), ("", nil, nil), ("POST /v1/traces", false, true), ("PO", false, nil),
            ("GET / HTTP/1.1", false, true), ("PUT /", false, true), ("GETT", false, false),
            ("\u{16}\u{3}\u{1}", false, false),
        ])
    func firstBytes(bytes: String, onHTTP1: Bool?, onHTTP2: Bool?) {
        #expect(WrongProtocolHandler.isForeign(bytes.utf8, on: .http1) == onHTTP1)
        #expect(WrongProtocolHandler.isForeign(bytes.utf8, on: .http2) == onHTTP2)
    }
}
