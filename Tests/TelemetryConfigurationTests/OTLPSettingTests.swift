// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK
import Testing

@Suite("Configuration: OTLP")
struct OTLPSettingTests {
    @Test(
        "the general endpoint is a base for HTTP",
        arguments: [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("http://collector:4318/", "http://collector:4318/v1/traces"),
            ("HTTPS://collector/base", "https://collector/base/v1/traces"),
            ("http://collector/base/", "http://collector/base/v1/traces"),
            ("http://collector?key=1", "http://collector/v1/traces?key=1"),
            ("http://[::1]:4318", "http://[::1]:4318/v1/traces"),
        ])
    func base(text: String, url: String) {
        let resolving = Resolving(["OTEL_EXPORTER_OTLP_ENDPOINT": text])
        #expect(resolving.otlp?.endpoint.url == url)
        #expect(resolving.origin(of: "otlp.endpoint") == .environment("OTEL_EXPORTER_OTLP_ENDPOINT"))
        #expect(resolving.warnings.isEmpty)
    }

    @Test(
        "the endpoint of the signal is used as it is, and wins",
        arguments: [
            ("http://collector:4318", "http://collector:4318/"),
            ("http://collector/x/y", "http://collector/x/y"),
            ("http://collector/v1/traces/", "http://collector/v1/traces/"),
        ])
    func exact(text: String, url: String) {
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://other", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": text,
        ])
        #expect(resolving.otlp?.endpoint.url == url)
    }

    @Test(
        "gRPC has its own default and takes an address without scheme as a secure one",
        arguments: [
            (nil, "http://localhost:4317"), ("http://collector:4317", "http://collector:4317"),
            ("collector:4317", "https://collector:4317"), ("https://collector", "https://collector"),
        ] as [(String?, String)])
    func grpc(text: String?, url: String) {
        let resolving = Resolving(
            ["OTEL_EXPORTER_OTLP_PROTOCOL": "GRPC"].merging(
                text.map { ["OTEL_EXPORTER_OTLP_ENDPOINT": $0] } ?? [:]
            ) {
                $1
            })
        #expect(resolving.otlp?.transport == .grpc)
        #expect(resolving.otlp?.endpoint.url == url)
        #expect(resolving.warnings.isEmpty == (text != "collector:4317"))
    }

    @Test(
        "an endpoint that is no address warns and falls back",
        arguments: [
            "collector:4318", "ftp://collector", "http://", "http://:4318", "http://collector:port",
            "http://collector:0", "http://collector:65536", "http://collector:", "http://col lector", "://x",
            "http://[::1", "http://[]:1", "http://[::1]x", "http://collector:1:2",
        ])
    func badEndpoint(text: String) {
        let resolving = Resolving(["OTEL_EXPORTER_OTLP_ENDPOINT": text])
        #expect(resolving.otlp?.endpoint.url == "http://localhost:4318/v1/traces")
        #expect(resolving.warnings.count == 1)
        #expect(resolving.messages.first?.hasSuffix("; using http://localhost:4318/v1/traces") == true)
    }

    @Test("user and query of an address are dialled but never shown")
    func secretsInAddress() {
        let good = Resolving([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:secret@collector:1/x?sig=secret#secret"
        ])
        #expect(good.otlp?.endpoint.url == "http://me:secret@collector:1/x/v1/traces?sig=secret")
        #expect(good.otlp?.endpoint.description == "http://collector:1/x/v1/traces")
        let bad = Resolving(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:secret@collector:nine/x?sig=secret"])
        #expect(bad.warnings.count == 1)
        for text in (good.settings.report + bad.settings.report).map(\.description) + bad.messages {
            #expect(!text.contains("secret"))
        }
    }

    @Test(
        "no part of a password is shown, whatever stands in it",
        arguments: [
            "http://user:pa#ss@host:4318", "http://user:pa?ss@host:4318", "http://user:pa/ss@host:4318",
            "user:pass@host", "user:pass://x@host",
        ])
    func oddPassword(address: String) {
        let resolving = Resolving(["OTEL_EXPORTER_OTLP_ENDPOINT": address])
        #expect(resolving.warnings.count == 1)
        for text in resolving.settings.report.map(\.description) + resolving.messages {
            #expect(!text.contains("user") && !text.contains(":pa") && !text.contains("ss@"))
        }
    }

    @Test("settings that are printed or dumped show the names of headers, not their values")
    func printed() {
        let address = "http://me:hunter2@collector:1/x?sig=hunter2"
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_ENDPOINT": address,
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=hunter2",
        ])
        let setting = ExporterSetting.otlp(to: address, headers: ["authorization": "hunter2"])
        var dumped = ""
        dump(resolving.settings, to: &dumped)
        var dumpedSetting = ""
        dump(setting, to: &dumpedSetting)
        let texts = [
            "\(resolving.settings)", String(reflecting: resolving.settings), dumped, "\(setting)",
            dumpedSetting,
        ]
        for text in texts {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("authorization"))
        }
    }

    @Test("compression: the variable of the signal wins, any case is read, and code wins over both")
    func compression() {
        #expect(Resolving().otlp?.compression == OTLPCompression.none)
        #expect(Resolving(["OTEL_EXPORTER_OTLP_COMPRESSION": "GZip"]).otlp?.compression == .gzip)
        let both = [
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "none",
        ]
        #expect(Resolving(both).otlp?.compression == OTLPCompression.none)
        let code = Resolving(both) { $0.exporters = [.otlp(compression: .gzip)] }
        #expect(code.otlp?.compression == .gzip)
        #expect(code.messages == [])
    }

    @Test("an unknown compression warns and none is used")
    func unknownCompression() {
        let resolving = Resolving(["OTEL_EXPORTER_OTLP_COMPRESSION": "zstd"])
        #expect(resolving.otlp?.compression == OTLPCompression.none)
        #expect(
            resolving.messages == [
                "OTEL_EXPORTER_OTLP_COMPRESSION=\"zstd\" is none of gzip, none; using none"
            ])
    }

    @Test("an unknown protocol warns and http/protobuf is used", arguments: ["http/xml", "carrier pigeon"])
    func unknownProtocol(name: String) {
        let resolving = Resolving(["OTEL_EXPORTER_OTLP_PROTOCOL": name])
        #expect(resolving.otlp?.transport == .httpProtobuf)
        #expect(
            resolving.messages == [
                "OTEL_EXPORTER_OTLP_PROTOCOL=\"\(name)\" is none of grpc, http/protobuf, http/json; "
                    + "using http/protobuf"
            ])
    }

    @Test("headers are percent-decoded and trimmed; those of the signal win")
    func headers() throws {
        let general = try #require(
            Resolving(["OTEL_EXPORTER_OTLP_HEADERS": " Authorization = Bearer%20a%2Cb= , x-tenant=7,"]).otlp)
        #expect(general.headers.map(\.name) == ["authorization", "x-tenant"])
        #expect(general.headers.map(\.value) == ["Bearer a,b=", "7"])
        let signal = try #require(
            Resolving([
                "OTEL_EXPORTER_OTLP_HEADERS": "a=1,b=2", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=3",
            ]).otlp)
        #expect(signal.headers.map(\.name) == ["b"])
        #expect(signal.headers.map(\.value) == ["3"])
    }

    @Test(
        "a bad header is left out, the others stay, and no value is ever shown",
        arguments: [
            "secret", "=secret", "a b=secret", "x=secret%0d%0aevil: 1", "x=secret%zz", "x=secret%ff",
            "é=secret",
        ])
    func badHeader(member: String) {
        let resolving = Resolving(["OTEL_EXPORTER_OTLP_HEADERS": "good=secret,\(member)"])
        #expect(resolving.otlp?.headers.map(\.name) == ["good"])
        #expect(resolving.warnings.count == 1)
        for text in resolving.messages + resolving.settings.report.map(\.description) {
            #expect(!text.contains("secret"))
        }
    }

    @Test(
        "a header that cannot be sent is left out, and the warning names variable and header",
        arguments: [
            ("http/protobuf", "content-length"), ("grpc", "te"), ("grpc", "grpc-timeout"), ("grpc", "host"),
        ])
    func reservedHeader(transport: String, name: String) {
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_PROTOCOL": transport,
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "good=secret,\(name)=secret",
        ])
        #expect(resolving.otlp?.headers.map(\.name) == ["good"])
        #expect(
            resolving.messages == [
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS has a header \(name) that is the exporter's own; "
                    + "using the other headers"
            ])
    }

    @Test("over gRPC only ASCII can be sent, over HTTP any letters can")
    func headerLetters() {
        let inGRPC = Resolving([
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_HEADERS": "x=J%C3%BCrgen",
        ])
        #expect(inGRPC.otlp?.headers.isEmpty == true)
        #expect(
            inGRPC.messages == [
                "OTEL_EXPORTER_OTLP_HEADERS has a header x that has a value that gRPC does not allow; "
                    + "using the other headers"
            ])
        let inHTTP = Resolving(["OTEL_EXPORTER_OTLP_HEADERS": "x=J%C3%BCrgen"])
        #expect(inHTTP.otlp?.headers.map(\.value) == ["Jürgen"])
    }

    @Test("the timeout of the signal wins, and 0 is no limit")
    func timeout() {
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_TIMEOUT": "2000", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "0",
        ])
        #expect(resolving.otlp?.timeout == .zero)
        let bad = Resolving([
            "OTEL_EXPORTER_OTLP_TIMEOUT": "2000", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "soon",
        ])
        #expect(bad.otlp?.timeout == .seconds(2))
        #expect(
            bad.messages == [
                "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=\"soon\" is no whole number; using 2.0 seconds"
            ])
    }

    @Test(
        "exporters by name",
        arguments: [
            ("otlp", 1, 0), ("OTLP, console", 2, 0), ("none", 0, 0), ("zipkin", 1, 0), ("zipkin,otlp", 2, 0),
            ("console", 1, 0), ("none,otlp", 1, 1), ("otlp/stdout, console,otlp,zipkin", 4, 0),
            ("logging", 1, 1),
            ("otlp,otlp", 1, 0), ("jaeger,console", 1, 1),
        ])
    func exporters(text: String, count: Int, warnings: Int) {
        let resolving = Resolving(["OTEL_TRACES_EXPORTER": text])
        #expect(resolving.settings.exporters.count == count)
        #expect(resolving.warnings.count == warnings)
    }
}
