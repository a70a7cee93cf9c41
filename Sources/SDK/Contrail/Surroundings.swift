// SPDX-License-Identifier: Apache-2.0

package import Instrumentation
package import Logging
import Synchronization
package import TelemetryConfiguration
import TelemetryModel
package import TelemetryResources
package import TelemetrySDK

/// What starting touches outside of itself; tests have surroundings of their own.
package struct Surroundings: Sendable {
    package var environment: [String: String]
    package var process: ResolvedSettings.Process
    /// Finds out where the program runs.
    package var detect: @Sendable ([any ResourceDetector]) -> ResourceDetection.Findings
    /// Makes the logger that says what was done.
    package var makeLogger: @Sendable () -> Logger
    /// Makes the SDK say through this logger what goes wrong later.
    package var diagnose: @Sendable (Logger) -> Void
    /// Makes telemetry the one of this process, or tells why it cannot be.
    package var claim: @Sendable () throws(StartError) -> Void
    /// Makes `instrument` and the provider, if there is one, the global ones.
    package var install: @Sendable (any Instrument, TracerProvider?) -> Void
    /// Keeps what runs until the process ends.
    package var keep: @Sendable (Telemetry) -> Void
    /// Writes a line for people.
    package var print: @Sendable (String) -> Void

    package init(
        environment: [String: String], process: ResolvedSettings.Process,
        detect: @escaping @Sendable ([any ResourceDetector]) -> ResourceDetection.Findings = { _ in .init() },
        makeLogger: @escaping @Sendable () -> Logger, diagnose: @escaping @Sendable (Logger) -> Void,
        claim: @escaping @Sendable () throws(StartError) -> Void,
        install: @escaping @Sendable (any Instrument, TracerProvider?) -> Void,
        keep: @escaping @Sendable (Telemetry) -> Void, print: @escaping @Sendable (String) -> Void
    ) {
        self.environment = environment
        self.process = process
        self.detect = detect
        self.makeLogger = makeLogger
        self.diagnose = diagnose
        self.claim = claim
        self.install = install
        self.keep = keep
        self.print = print
    }
}
