// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import TelemetrySDK
import Testing

@Suite("Article: How do I run several providers side by side?")
struct RunSeveralProvidersSnippets {
    @Test("each span goes to the provider it was started with")
    func sideBySide() async {
        let (blueExporter, greenExporter) = (InMemorySpanExporter(), InMemorySpanExporter())
        let blue = TracerProvider(
            resource: Resource(attributes: ["service.name": "shop", "tenant": "blue"]),
            processors: [BatchSpanProcessor(exporter: blueExporter)])
        let green = TracerProvider(
            resource: Resource(attributes: ["service.name": "shop", "tenant": "green"]),
            processors: [BatchSpanProcessor(exporter: greenExporter)])

        let scope = TelemetryScope("com.example.shop")
        blue.tracer(scope).withSpan("brew") { _ in }
        green.withTaskDefault {
            scope.tracer.withSpan("brew") { _ in }
        }

        _ = await blue.shutdown()
        _ = await green.shutdown()
        #expect(blueExporter.resourceSpans.map { $0.resource.attributes["tenant"] } == ["blue"])
        #expect(greenExporter.resourceSpans.map { $0.resource.attributes["tenant"] } == ["green"])
    }
}
