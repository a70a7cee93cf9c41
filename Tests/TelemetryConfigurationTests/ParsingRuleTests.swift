// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK
import Testing

@Suite("Configuration: parsing rules")
struct ParsingRuleTests {
    @Test("an empty environment gives the defaults of the specification, without a warning")
    func defaults() throws {
        let resolving = Resolving()
        let settings = resolving.settings
        #expect(resolving.warnings.isEmpty)
        #expect(settings.disabledBy == nil)
        #expect(settings.diagnosticLevel == .info)
        #expect(settings.sampler.description == "parentbased_always_on")
        #expect(settings.propagators.map(\.description) == ["tracecontext", "baggage"])
        #expect(settings.batch.scheduleDelay == .seconds(5))
        #expect(settings.batch.exportTimeout == .seconds(30))
        #expect(settings.batch.maxQueueSize == 2_048)
        #expect(settings.batch.maxExportBatchSize == 512)
        let otlp = try #require(resolving.otlp)
        #expect(otlp.transport == .httpProtobuf)
        #expect(otlp.endpoint.url == "http://localhost:4318/v1/traces")
        #expect(otlp.timeout == .seconds(10))
        #expect(otlp.headers.isEmpty)
        #expect(settings.report.allSatisfy { $0.origin == .standard })
    }

    @Test("every variable, empty or white space, is as if it were unset", arguments: ["", " ", "\t\n"])
    func empty(value: String) {
        let environment = Dictionary(uniqueKeysWithValues: Variable.all.map { ($0.name, value) })
        let resolving = Resolving(environment)
        #expect(resolving.warnings.isEmpty)
        #expect(resolving.settings.report == Resolving().settings.report)
    }

    @Test(
        "only true disables the SDK, in any case",
        arguments: [
            ("true", true, 0), ("TRUE", true, 0), (" True ", true, 0), ("false", false, 0),
            ("False", false, 0),
            ("1", false, 1), ("yes", false, 1),
        ])
    func disabled(value: String, isDisabled: Bool, warnings: Int) {
        let resolving = Resolving(["OTEL_SDK_DISABLED": value])
        #expect((resolving.settings.disabledBy == .environment("OTEL_SDK_DISABLED")) == isDisabled)
        #expect(resolving.warnings.count == warnings)
    }

    @Test(
        "only false turns OTEL_ENABLED off",
        arguments: [
            ("false", true, 0), ("FALSE", true, 0), ("true", false, 0), ("0", false, 1), ("maybe", false, 1),
        ])
    func enabled(value: String, isDisabled: Bool, warnings: Int) {
        let resolving = Resolving(["OTEL_ENABLED": value])
        #expect((resolving.settings.disabledBy == .environment("OTEL_ENABLED")) == isDisabled)
        #expect(resolving.warnings.count == warnings)
    }

    @Test(
        "a number that cannot be used warns and falls back",
        arguments: [
            ("-1", "is negative"), ("0", "is below 1"), ("many", "is no whole number"),
            ("1.5", "is no whole number"),
            ("1e3", "is no whole number"), ("--1", "is no whole number"), ("1000001", "is above 1000000"),
            ("99999999999999999999999", "is above 1000000"), ("-99999999999999999999999", "is negative"),
            ("١", "is no whole number"),
        ])
    func badNumber(value: String, problem: String) {
        let resolving = Resolving(["OTEL_BSP_MAX_QUEUE_SIZE": value])
        #expect(resolving.settings.batch.maxQueueSize == 2_048)
        #expect(
            resolving.messages == ["OTEL_BSP_MAX_QUEUE_SIZE=\(value.debugDescription) \(problem); using 2048"]
        )
    }

    @Test("good numbers are taken, spaces around them left out")
    func goodNumbers() {
        let resolving = Resolving([
            "OTEL_BSP_SCHEDULE_DELAY": " 250 ", "OTEL_BSP_EXPORT_TIMEOUT": "0",
            "OTEL_BSP_MAX_QUEUE_SIZE": "100",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "100",
        ])
        #expect(resolving.warnings.isEmpty)
        let batch = resolving.settings.batch
        #expect(batch.scheduleDelay == .milliseconds(250))
        #expect(batch.exportTimeout == .zero)
        #expect(batch.maxQueueSize == 100)
        #expect(batch.maxExportBatchSize == 100)
    }

    @Test("a batch is never larger than the queue")
    func batchInQueue() {
        let small = Resolving(["OTEL_BSP_MAX_QUEUE_SIZE": "100"])
        #expect(small.settings.batch.maxExportBatchSize == 100)
        #expect(small.warnings.isEmpty)
        let large = Resolving(["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4096"])
        #expect(large.settings.batch.maxExportBatchSize == 2_048)
        #expect(
            large.messages == [
                "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=\"4096\" is more than the queue holds; using 2048"
            ])
    }

    @Test(
        "names are read in any case",
        arguments: [
            ("ALWAYS_ON", SamplerSetting.alwaysOn), ("always_off", .alwaysOff),
            ("TraceIdRatio", .traceIDRatio(1)),
            ("parentbased_always_off", .parentBased(root: .alwaysOff)),
            (" parentbased_traceidratio ", .parentBased(root: .traceIDRatio(1))),
        ])
    func sampler(name: String, sampler: SamplerSetting) {
        let resolving = Resolving(["OTEL_TRACES_SAMPLER": name])
        #expect(resolving.settings.sampler.description == sampler.description)
        #expect(resolving.warnings.isEmpty)
    }

    @Test(
        "a sampler that is not known warns with what is, and the default holds",
        arguments: ["parentbased_", "on", "parentbased_xray"])
    func unknownSampler(name: String) {
        let resolving = Resolving(["OTEL_TRACES_SAMPLER": name])
        #expect(resolving.settings.sampler.description == "parentbased_always_on")
        #expect(
            resolving.messages == [
                "OTEL_TRACES_SAMPLER=\"\(name)\" is none of always_on, always_off, traceidratio, "
                    + "parentbased_always_on, parentbased_always_off, parentbased_traceidratio, jaeger_remote, "
                    + "parentbased_jaeger_remote; using parentbased_always_on"
            ])
    }

    @Test(
        "the sampler's argument is a share, else it is as if it were unset",
        arguments: [
            ("0.25", 0.25, 0), ("0", 0, 0), ("1", 1, 0), (" 1e-3 ", 0.001, 0), ("1.5", 1, 1), ("-0.1", 1, 1),
            ("nan", 1, 1), ("half", 1, 1), ("inf", 1, 1),
        ])
    func ratio(text: String, ratio: Double, warnings: Int) {
        let resolving = Resolving(["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": text])
        #expect(resolving.settings.sampler.description == "traceidratio{\(ratio)}")
        #expect(resolving.warnings.count == warnings)
    }

    @Test("the argument alone, or beside a sampler that has none, says nothing")
    func ratioAlone() {
        #expect(Resolving(["OTEL_TRACES_SAMPLER_ARG": "x"]).warnings.isEmpty)
        let resolving = Resolving(["OTEL_TRACES_SAMPLER": "always_on", "OTEL_TRACES_SAMPLER_ARG": "x"])
        #expect(resolving.warnings.isEmpty)
        #expect(resolving.settings.sampler.description == "always_on")
    }

    @Test(
        "propagators are a trimmed list, each once, in order",
        arguments: [
            ("tracecontext,baggage", ["tracecontext", "baggage"], 0),
            (" Baggage , TraceContext ,baggage,", ["baggage", "tracecontext"], 0),
            ("b3, b3multi, jaeger, xray, ottrace", ["b3", "b3multi", "jaeger", "xray", "ottrace"], 0),
            ("none", [], 0), ("tracecontext, none", ["tracecontext"], 1),
            ("tracecontext,zipkin", ["tracecontext"], 1),
            ("zipkin", ["tracecontext", "baggage"], 1), (",", ["tracecontext", "baggage"], 0),
        ] as [(String, [String], Int)])
    func propagators(text: String, names: [String], warnings: Int) {
        let resolving = Resolving(["OTEL_PROPAGATORS": text])
        #expect(resolving.settings.propagators.map(\.description) == names)
        #expect(resolving.warnings.count == warnings)
    }

    @Test("a warning names the part of a list that is not known, and what is used")
    func propagatorWarning() {
        #expect(
            Resolving(["OTEL_PROPAGATORS": "tracecontext, zipkin"]).messages == [
                "OTEL_PROPAGATORS=\"zipkin\" is none of tracecontext, baggage, b3, b3multi, jaeger, xray, "
                    + "ottrace, none; using tracecontext"
            ])
    }

    @Test("a long value is clipped, and a control character cannot break the log line")
    func clipped() {
        let resolving = Resolving(["OTEL_TRACES_SAMPLER": "x\n" + String(repeating: "y", count: 10_000)])
        let message = resolving.messages.first ?? ""
        #expect(message.count < 400)
        #expect(!message.contains("\n"))
    }

    @Test(
        "the level of Contrail's own log lines",
        arguments: [("DEBUG", DiagnosticLevel.debug), ("loud", .info)])
    func level(text: String, level: DiagnosticLevel) {
        #expect(Resolving(["OTEL_LOG_LEVEL": text]).settings.diagnosticLevel == level)
    }
}
