// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrumentation
import Logging
import ServiceLifecycle
import Synchronization
import TelemetryConfiguration
import TelemetryResources
import TelemetrySDK

extension Surroundings {
    private enum Phase {
        case idle
        case claimed
        case running(Telemetry)
    }

    private static let phase = Mutex(Phase.idle)

    /// The running program.
    static var process: Surroundings {
        let information = ProcessInfo.processInfo
        return Surroundings(
            environment: information.environment,
            process: ResolvedSettings.Process(
                executableName: information.processName, instanceID: UUID().uuidString.lowercased()),
            detect: { detectors in
                ResourceDetection.run(
                    detectors, in: DetectionSurroundings(environment: information.environment))
            },
            makeLogger: { Logger(label: "contrail") }, diagnose: { SDKDiagnostics.setLogger($0) },
            claim: { () throws(StartError) in try claimProcess() },
            install: { instrument, provider in
                InstrumentationSystem.bootstrap(instrument)
                provider?.installAsGlobal()
            },
            // Who ignores what start returned still wants telemetry: the process keeps it.
            keep: { telemetry in phase.withLock { $0 = .running(telemetry) } },
            print: { LogSink.standardOutput.write(Array("\($0)\n".utf8)) })
    }

    private static func claimProcess() throws(StartError) {
        let error = phase.withLock { phase -> StartError? in
            guard case .idle = phase else { return StartError(code: .alreadyStarted) }
            // A second bootstrap would trap, so it is asked first whether there was one.
            guard InstrumentationSystem.instrument is NoOpInstrument else {
                return StartError(code: .tracerInstalled)
            }
            phase = .claimed
            return nil
        }
        if let error { throw error }
    }
}
