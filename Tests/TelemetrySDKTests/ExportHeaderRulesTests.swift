// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK
import Testing

@Suite("Export: headers of one's own")
struct ExportHeaderRulesTests {
    @Test(
        "what HTTP and gRPC allow may be sent",
        arguments: [
            ("authorization", "Bearer abc=="), ("X-Scope-OrgID", "7"), ("user-agent", "app/1.0"),
            ("x.y_z-1", ""),
            ("x-bin", "AAEC"),
        ])
    func allowed(name: String, value: String) {
        #expect(ExportHeaderRules.http.problem(name: name, value: value) == nil)
        #expect(ExportHeaderRules.grpc.problem(name: name, value: value) == nil)
    }

    @Test("a name that is none is refused", arguments: ["", "x y", "x:", "x\n", "é", "x,y", ":path"])
    func badName(name: String) {
        #expect(
            ExportHeaderRules.http.problem(name: name, value: "1")
                == "has a name that HTTP does not allow")
        #expect(
            ExportHeaderRules.grpc.problem(name: name, value: "1")
                == "has a name that gRPC does not allow")
    }

    @Test("a value that would end the header is refused", arguments: ["a\nb", "a\r\nb", "\u{0}", "\u{7f}"])
    func badValue(value: String) {
        #expect(
            ExportHeaderRules.http.problem(name: "x", value: value)
                == "has a value that HTTP does not allow")
        #expect(
            ExportHeaderRules.grpc.problem(name: "x", value: value)
                == "has a value that gRPC does not allow")
    }

    @Test(
        "what says how a body is to be read is the exporter's own",
        arguments: [
            "Content-Length", "content-type", "Content-Encoding", "Transfer-Encoding", "TE", "trailer",
            "Upgrade",
        ])
    func reserved(name: String) {
        for rules in [ExportHeaderRules.http, .grpc] {
            #expect(
                rules.problem(name: name, value: "1")
                    == "is the exporter's own")
        }
    }

    @Test(
        "HTTP/2 and gRPC keep more for themselves, and have fewer letters",
        arguments: [
            ("Host", "example.com"), ("connection", "close"), ("Keep-Alive", "5"), ("grpc-timeout", "1S"),
            ("x!", "1"), ("x", "é"), ("x", "\t"),
        ])
    func ofGRPC(name: String, value: String) {
        #expect(ExportHeaderRules.http.problem(name: name, value: value) == nil)
        #expect(ExportHeaderRules.grpc.problem(name: name, value: value) != nil)
    }

    @Test("a product of one's own stands before the exporter's name, which stays")
    func userAgent() {
        #expect(ExporterIdentity.userAgent(with: [("x", "1")]) == ExporterIdentity.userAgent)
        #expect(
            ExporterIdentity.userAgent(with: [("User-Agent", "shop/2.1"), ("user-agent", "")])
                == "shop/2.1 \(ExporterIdentity.userAgent)")
    }
}
