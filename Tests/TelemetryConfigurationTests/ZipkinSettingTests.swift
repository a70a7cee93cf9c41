// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK
import Testing

@Suite("Settings of the Zipkin exporter")
struct ZipkinSettingTests {
    private func resolved(_ resolving: Resolving) -> ResolvedSettings.Zipkin? {
        guard resolving.settings.exporters.count == 1,
            case .zipkin(let zipkin) = resolving.settings.exporters[0]
        else { return nil }
        return zipkin
    }

    @Test("without anything said it is the local server, and ten seconds")
    func standard() throws {
        let zipkin = try #require(resolved(Resolving(["OTEL_TRACES_EXPORTER": "zipkin"])))
        #expect(zipkin.endpoint.url == "http://localhost:9411/api/v2/spans")
        #expect(zipkin.timeout == .seconds(10))
    }

    @Test("the variables are heard, code wins over them")
    func precedence() throws {
        let environment = [
            "OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_ZIPKIN_ENDPOINT": "https://z.example/spans",
            "OTEL_EXPORTER_ZIPKIN_TIMEOUT": "0",
        ]
        let variable = try #require(resolved(Resolving(environment)))
        #expect(variable.endpoint.url == "https://z.example/spans")
        #expect(variable.timeout == .zero)
        let code = Resolving(environment) {
            $0.exporters = [.zipkin(to: "http://zipkin:9411/in", timeout: .seconds(3))]
        }
        #expect(resolved(code)?.endpoint.url == "http://zipkin:9411/in")
        #expect(resolved(code)?.timeout == .seconds(3))
        #expect(code.warnings == [])
    }

    @Test("what cannot be used is a warning, and what held before holds")
    func warnings() throws {
        let resolving = Resolving([
            "OTEL_TRACES_EXPORTER": "zipkin", "OTEL_EXPORTER_ZIPKIN_ENDPOINT": "zipkin:9411",
            "OTEL_EXPORTER_ZIPKIN_TIMEOUT": "soon",
        ]) { $0.exporters = [.zipkin(timeout: .seconds(-1))] }
        #expect(resolved(resolving)?.endpoint.url == "http://localhost:9411/api/v2/spans")
        #expect(resolved(resolving)?.timeout == .seconds(10))
        #expect(resolving.warnings.count == 3)
    }

    @Test("user and query of the address are never shown")
    func secrets() {
        let resolving = Resolving {
            $0.exporters = [.zipkin(to: "http://u:secret@zipkin:9411/in?key=secret")]
        }
        #expect(!"\(resolving.settings.report)".contains("secret"))
        #expect(!"\(ExporterSetting.zipkin(to: "http://u:secret@zipkin/?key=secret"))".contains("secret"))
    }

    @Test("a file of OTLP has its path and size from code, standard output its name from the variable")
    func files() throws {
        let file = Resolving { $0.exporters = [.otlpFile("spans.jsonl", bytesMax: 1_000, filesMax: 3)] }
        guard case .otlpFile(let settings)? = file.settings.exporters.first else {
            return #expect(Bool(false), "no file")
        }
        #expect((settings.path, settings.bytesMax, settings.filesMax) == ("spans.jsonl", 1_000, 3))
        guard
            case .otlpFile(let stdout)? = Resolving(["OTEL_TRACES_EXPORTER": "otlp/stdout"]).settings
                .exporters.first
        else { return #expect(Bool(false), "no standard output") }
        #expect(stdout.path == nil)
    }
}
