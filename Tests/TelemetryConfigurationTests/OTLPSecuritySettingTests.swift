// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK
import Testing

@Suite("Configuration: OTLP, encoding and security")
struct OTLPSecuritySettingTests {
    @Test("every variable of the specification's OTLP exporter is read, in general and for traces")
    func everyVariable() {
        let names = [
            "ENDPOINT", "INSECURE", "CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE", "HEADERS",
            "COMPRESSION",
            "TIMEOUT", "PROTOCOL",
        ]
        let known = Set(Variable.all.map(\.name))
        for name in names {
            #expect(known.contains("OTEL_EXPORTER_OTLP_\(name)"))
            #expect(known.contains("OTEL_EXPORTER_OTLP_TRACES_\(name)"))
        }
    }

    @Test("http/json is HTTP: its default and its path are those of http/protobuf")
    func json() {
        let standard = Resolving(["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"])
        #expect(standard.otlp?.transport == .httpJSON)
        #expect(standard.otlp?.endpoint.url == "http://localhost:4318/v1/traces")
        let base = Resolving([
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:1/b",
        ])
        #expect(base.otlp?.endpoint.url == "http://c:1/b/v1/traces")
        #expect(Resolving { $0.exporters = [.otlp(.httpJSON)] }.otlp?.transport == .httpJSON)
    }

    @Test("a gRPC endpoint without scheme becomes a secure one, and that is said once")
    func withoutScheme() {
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317",
        ])
        #expect(
            resolving.messages == [
                "OTEL_EXPORTER_OTLP_ENDPOINT=\"collector:4317\" names neither http:// nor https://; "
                    + "using TLS: https://collector:4317"
            ])
    }

    @Test(
        "INSECURE decides for a gRPC endpoint without scheme, and for no other",
        arguments: [
            ("grpc", "collector:4317", "true", "http://collector:4317"),
            ("grpc", "collector:4317", "False", "https://collector:4317"),
            ("grpc", "https://collector:4317", "true", "https://collector:4317"),
            ("grpc", "http://collector:4317", "false", "http://collector:4317"),
            ("http/protobuf", "https://collector", "true", "https://collector/v1/traces"),
        ])
    func insecure(transport: String, endpoint: String, insecure: String, url: String) {
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_PROTOCOL": transport, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
            "OTEL_EXPORTER_OTLP_INSECURE": insecure,
        ])
        #expect(resolving.otlp?.endpoint.url == url)
        #expect(resolving.messages == [])
    }

    @Test("INSECURE: the variable of the signal wins, and code over both; nonsense warns")
    func insecurePrecedence() {
        let environment = [
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "c:1",
            "OTEL_EXPORTER_OTLP_INSECURE": "false", "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "true",
        ]
        #expect(Resolving(environment).otlp?.endpoint.scheme == .http)
        let code = Resolving(environment) { $0.exporters = [.otlp(insecure: false)] }
        #expect(code.otlp?.endpoint.scheme == .https)
        let nonsense = Resolving(["OTEL_EXPORTER_OTLP_INSECURE": "perhaps"])
        #expect(nonsense.messages.count == 1)
    }

    @Test(
        "each file comes from code, else from the signal's variable, else from the general one, and keeps its name"
    )
    func files() throws {
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": "/general/ca",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/general/key",
            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": "/traces/key",
            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/general/client",
        ]) { $0.exporters = [.otlp(tls: .init(clientCertificate: "/code/client"))] }
        let files = try #require(resolving.otlp?.tls)
        #expect(files.certificate == "/general/ca")
        #expect(files.settings.certificate == "OTEL_EXPORTER_OTLP_CERTIFICATE")
        #expect(files.clientKey == "/traces/key")
        #expect(files.settings.clientKey == "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY")
        #expect(files.clientCertificate == "/code/client")
        #expect(files.settings.clientCertificate == ".otlp(tls: .init(clientCertificate:))")
        #expect(resolving.origin(of: "otlp.certificate") == .environment("OTEL_EXPORTER_OTLP_CERTIFICATE"))
        #expect(resolving.messages == [])
    }

    @Test("files for an endpoint without TLS are not used, and that is said")
    func filesWithoutTLS() {
        let resolving = Resolving([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:1", "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem",
        ])
        #expect(resolving.otlp?.tls.certificate == nil)
        #expect(
            resolving.messages == [
                "OTEL_EXPORTER_OTLP_CERTIFICATE=\"/ca.pem\" is not used; "
                    + "using no TLS: http://collector:1/v1/traces"
            ])
    }

    @Test("a key that stands where its path belongs is not used, and not shown")
    func pasted() {
        let pem = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"
        for value in [pem, pem.filter { $0 != "\n" }] {
            let resolving = Resolving([
                "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector", "OTEL_EXPORTER_OTLP_CLIENT_KEY": value,
            ]) { $0.exporters = [.otlp(tls: .init(certificate: value))] }
            #expect(resolving.otlp?.tls.clientKey == nil && resolving.otlp?.tls.certificate == nil)
            #expect(
                resolving.messages == [
                    ".otlp(tls: .init(certificate:)) holds PEM where the path of a file is wanted; using none",
                    "OTEL_EXPORTER_OTLP_CLIENT_KEY holds PEM where the path of a file is wanted; using none",
                ])
            #expect(!resolving.settings.report.contains { $0.value.contains("c2VjcmV0") })
        }
    }
}
