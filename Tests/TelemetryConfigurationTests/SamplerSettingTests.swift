// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetryModel
import Testing

@Suite("Configuration: samplers")
struct SamplerSettingTests {
    private func environment(_ sampler: String, _ argument: String) -> Resolving {
        Resolving(["OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument])
    }

    @Test(
        "every name of the specification's list is known",
        arguments: [
            "always_on", "always_off", "traceidratio{1.0}", "parentbased_always_on", "parentbased_always_off",
            "parentbased_traceidratio{1.0}", "jaeger_remote{\(standardRemote)}",
            "parentbased_jaeger_remote{\(standardRemote)}",
        ])
    func names(shown: String) {
        let resolving = Resolving(["OTEL_TRACES_SAMPLER": String(shown.prefix { $0 != "{" })])
        #expect(resolving.warnings.isEmpty)
        #expect(resolving.settings.sampler.description == shown)
    }

    private static let standardRemote = "http://localhost:5778/sampling, every 60.0 seconds, 0.001 at first"

    @Test("the remote sampler's argument is read part by part, spaces left out")
    func remote() {
        let resolving = environment(
            "parentbased_jaeger_remote",
            " endpoint=http://collector:14250 , pollingIntervalMs=5000, initialSamplingRate=0.25,")
        #expect(resolving.warnings.isEmpty)
        #expect(
            resolving.settings.sampler.description
                == "parentbased_jaeger_remote{http://collector:14250/sampling, every 5.0 seconds, 0.25 at first}"
        )
        #expect(resolving.origin(of: "sampler") == .environment("OTEL_TRACES_SAMPLER"))
    }

    @Test(
        "an argument with anything wrong is discarded whole, and said",
        arguments: [
            (
                "endpoint=collector:1",
                "\"collector:1\" has an endpoint that begins neither with http:// nor with https://"
            ),
            (
                "pollingIntervalMs=0",
                "\"pollingIntervalMs=0\" is no number of milliseconds from 1 to 2147483647"
            ),
            (
                "pollingIntervalMs=x",
                "\"pollingIntervalMs=x\" is no number of milliseconds from 1 to 2147483647"
            ),
            ("initialSamplingRate=2", "\"initialSamplingRate=2\" is no number from 0 to 1"),
            ("initialSamplingRate=nan", "\"initialSamplingRate=nan\" is no number from 0 to 1"),
            ("0.25", "\"0.25\" has no ="),
            ("rate=1", "\"rate\" is none of endpoint, pollingIntervalMs, initialSamplingRate"),
        ])
    func badRemote(argument: String, problem: String) {
        let resolving = environment("jaeger_remote", "pollingIntervalMs=7,\(argument)")
        #expect(
            resolving.messages == ["OTEL_TRACES_SAMPLER_ARG=\(problem); using \(Self.standardRemote)"])
        #expect(resolving.settings.sampler.description == "jaeger_remote{\(Self.standardRemote)}")
    }

    @Test("user and query of the endpoint are never shown")
    func secrets() {
        let good = environment("jaeger_remote", "endpoint=https://me:secret@host/path?key=secret")
        #expect(good.settings.sampler.description.contains("https://host/path,"))
        let bad = environment("jaeger_remote", "endpoint=ftp://me:secret@host?key=secret")
        #expect(bad.warnings.count == 1)
        let texts =
            bad.messages + good.messages + [good.settings.sampler.description, "\(good.settings.sampler)"]
            + good.settings.report.map(\.description)
        #expect(!texts.contains { $0.contains("secret") })
        var reflected = ""
        dump(good.settings.sampler, to: &reflected)
        #expect(!reflected.contains("secret"))
    }

    @Test(
        "the address that is asked has the service's name, and Jaeger's path where it has none",
        arguments: [
            ("http://h:1", "http://h:1/sampling?service=a%20b%26c%C3%BC"),
            ("http://h:1/", "http://h:1/sampling?service=a%20b%26c%C3%BC"),
            ("https://h/api/sampling?k=1", "https://h/api/sampling?k=1&service=a%20b%26c%C3%BC"),
        ])
    func url(endpoint: String, url: String) {
        #expect(JaegerRemoteSetting(endpoint: endpoint).url(service: "a b&cü") == url)
    }

    @Test("all samplers can be said in code, and are shown")
    func code() {
        let cases: [(SamplerSetting, String)] = [
            (
                .parentBased(root: .rules([.drop(where: .route("/health")), .keep(0.1)])),
                "parentbased_rules{drop route /health, keep{0.1} everything}"
            ),
            (
                .rules([.keep(where: .all(.name("a*"), .kind(.server))), .drop(where: .attribute("b", 1))]),
                "rules{keep name a* and kind server, drop attribute b=int(1)}"
            ),
            (.probability(0.25), "probability{0.25}"),
            (.alwaysRecord(.alwaysOff), "always_record{always_off}"),
            (
                .parentBased(root: .alwaysOn, remoteParentSampled: .traceIDRatio(0.5)),
                "parentbased_always_on{remoteParentSampled:traceidratio{0.5}}"
            ),
            (.jaegerRemote(), "jaeger_remote{\(Self.standardRemote)}"),
        ]
        for (setting, shown) in cases {
            let resolving = Resolving(["OTEL_TRACES_SAMPLER": "always_off"]) { $0.traces.sampler = setting }
            #expect(resolving.settings.sampler.description == shown)
            #expect(resolving.warnings.isEmpty)
            #expect(resolving.origin(of: "sampler") == .code)
        }
    }

    @Test("a sampler in code that cannot be used warns, however deep the reason lies")
    func badCode() {
        let cases: [SamplerSetting] = [
            .probability(2), .rules([.keep(-1)]), .alwaysRecord(.traceIDRatio(.nan)),
            .parentBased(root: .alwaysOn, localParentNotSampled: .probability(7)),
            .jaegerRemote(JaegerRemoteSetting(endpoint: "nowhere")),
            .jaegerRemote(JaegerRemoteSetting(pollingInterval: .zero)),
            .jaegerRemote(JaegerRemoteSetting(initialSamplingRate: 2)),
        ]
        for setting in cases {
            let resolving = Resolving(["OTEL_TRACES_SAMPLER": "always_off"]) { $0.traces.sampler = setting }
            #expect(resolving.settings.sampler.description == "always_off")
            #expect(resolving.warnings.count == 1)
            #expect(resolving.messages.first?.hasPrefix("settings.traces.sampler=") == true)
        }
    }

    @Test("scopes are switched in code, and the report says so")
    func scopes() {
        let resolving = Resolving { $0.traces.scopes = [.on("noisy.but.wanted"), .off("noisy.*")] }
        #expect(resolving.settings.scopes.map(\.description) == ["on noisy.but.wanted", "off noisy.*"])
        #expect(resolving.origin(of: "scopes") == .code)
    }
}
