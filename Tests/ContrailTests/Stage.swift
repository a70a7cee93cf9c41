// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import Logging
import Synchronization
import TelemetryConfiguration
import TelemetryModel
import TelemetrySDK
import Tracing

@testable import Contrail

/// Starts telemetry without touching the process: what would become global is kept here.
final class Stage: Sendable {
    let log = CapturedLog()
    private let installed = Mutex<(any Instrument)?>(nil)
    private let printed = Mutex<[String]>([])

    var instrument: (any Instrument)? { installed.withLock { $0 } }
    var lines: [String] { printed.withLock { $0 } }

    func start(
        _ environment: [String: String] = [:], printing: Bool = false, refusal: StartError? = nil,
        code: (inout TelemetrySettings) -> Void = { _ in }
    ) throws(StartError) -> Telemetry {
        var settings = TelemetrySettings()
        code(&settings)
        let (log, stage) = (log, self)
        return try Contrail.start(
            settings, printing: printing,
            in: Surroundings(
                environment: environment, process: .init(executableName: "stage", instanceID: "i-1"),
                makeLogger: { log.logger() }, diagnose: { _ in },
                claim: { () throws(StartError) in if let refusal { throw refusal } },
                install: { instrument, _ in stage.installed.withLock { $0 = instrument } },
                keep: { _ in }, print: { line in stage.printed.withLock { $0.append(line) } }))
    }
}

/// Keeps what is exported.
final class KeepingExporter: SpanExporter {
    private let kept = Mutex<[ResourceSpans]>([])

    var resourceSpans: [ResourceSpans] { kept.withLock { $0 } }
    var spans: [SpanData] { resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) } }

    func export(_ batch: SpanBatch) async -> ExportResult {
        let spans = batch.resourceSpans
        kept.withLock { $0 += spans }
        return .success()
    }

    func forceFlush() async {}

    func shutdown() async {}
}

/// Headers as a dictionary.
struct Headers: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }

    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}
