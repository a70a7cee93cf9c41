// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import Foundation
import Synchronization
import TelemetryPropagators
import Testing
import Tracing

// swift-subprocess is no dependency of this package: what it has of an environment, in its words.
private struct Environment {
    struct Key: RawRepresentable, Hashable {
        let rawValue: String
    }

    static let inherit = Environment()
    var changes: [Key: String?] = [:]

    func updating(_ changes: [Key: String?]) -> Environment { Environment(changes: changes) }
}

private enum Executable {
    case name(String)
}

private enum Output {
    case discarded
}

@Suite("Article: How do I hand the trace to a child process?")
struct HandContextToAChildProcessSnippets {
    /// Compiled only: there is no such tool.
    private func foundation() throws {
        let tool = Process()
        tool.executableURL = URL(filePath: "/usr/bin/tool")
        tool.propagate(.current)
        try tool.run()
    }

    @Test("a process of Foundation gets the variables")
    func environment() {
        let telemetry = TestTelemetry(propagator: CompositePropagator.standard)
        telemetry.run {
            withSpan("start tool") { _ in
                let process = Process()
                process.environment = ProcessInfo.processInfo.environment.carrying(.current)
                #expect(process.environment?["TRACEPARENT"]?.hasPrefix("00-") == true)
            }
        }
    }

    @Test("so does one of swift-subprocess")
    func subprocess() async throws {
        let telemetry = TestTelemetry(propagator: CompositePropagator.standard)
        let given = Mutex<String?>(nil)
        func run(_ executable: Executable, environment: Environment, output: Output) async throws {
            let parent = environment.changes[.init(rawValue: "TRACEPARENT")] ?? nil
            given.withLock { $0 = parent }
        }
        try await telemetry.run {
            try await withSpan("start tool") { _ in
                try await run(
                    .name("tool"), environment: .inherit.updating(.currentTraceContext), output: .discarded)
            }
        }
        #expect(given.withLock { $0 }?.hasPrefix("00-") == true)
    }
}
