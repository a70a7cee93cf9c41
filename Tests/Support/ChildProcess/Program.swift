// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Synchronization

/// A program of this package, or a stranger's, running as a child process of the tests.
///
/// Its output is kept; whoever waits for a line or for the end is woken by the output itself.
package final class Program: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private struct State {
        var output = ""
        var errors = ""
        var exitCode: Int32?
        /// Of standard output and standard error, how many may still bring something.
        var openPipes = 2
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func wake() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [] }
            return waiters
        }
    }

    private let process = Process()
    private let state = Mutex(State())
    private let name: String

    /// The folder with the programs that this build has made, beside the running test bundle.
    package static var products: URL {
        let executable = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let candidates = [
            executable.deletingLastPathComponent(), packageRoot.appending(path: ".build/debug"),
        ]
        return candidates.first {
            FileManager.default.isExecutableFile(atPath: $0.appending(path: "contrail").path())
        }
            ?? candidates[1]
    }

    package static let packageRoot = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Starts a product of this package.
    package static func product(
        _ name: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> Program {
        try Program(
            executable: products.appending(path: name), arguments: arguments, environment: environment)
    }

    /// Starts `executable` with this process' environment, without its OTEL_ and CONTRAIL_ variables, and `environment`.
    package init(
        executable: URL, arguments: [String] = [], environment: [String: String] = [:], directory: URL? = nil
    ) throws {
        name = executable.lastPathComponent
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("OTEL_") && !$0.key.hasPrefix("CONTRAIL_") }
            .merging(environment) { $1 }
        process.currentDirectoryURL = directory
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        read(output.fileHandleForReading) { $0.output += $1 }
        read(errors.fileHandleForReading) { $0.errors += $1 }
        process.terminationHandler = { [weak self] process in
            self?.change { $0.exitCode = process.terminationStatus }
        }
        do {
            try process.run()
        } catch {
            throw Failure(description: "cannot start \(executable.path()): \(error)")
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    package var processIdentifier: Int32 { process.processIdentifier }
    package var output: String { state.withLock { $0.output } }
    package var errors: String { state.withLock { $0.errors } }

    /// Waits for the first line of output that holds `text`; throws when the program ends before it.
    package func line(holding text: String) async throws -> String {
        while true {
            let found: String? = state.withLock { state in
                state.output.split(separator: "\n").first { $0.contains(text) }.map(String.init)
            }
            if let found { return found }
            if let code = state.withLock({ $0.exitCode }) {
                throw Failure(
                    description:
                        "\(name) ended with \(code) before saying \"\(text)\": \(errors.suffix(2_000))")
            }
            await nextChange(unless: { $0.exitCode != nil || $0.output.contains(text) })
        }
    }

    /// Waits for the line `{"event":"ready",…}` and gives its numbers by name.
    package func readyPorts() async throws -> [String: Int] {
        let line = try await line(holding: #""event":"ready""#)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        return object.compactMapValues { $0 as? Int }
    }

    /// Waits until the program has ended and gives its exit code (or the number of the signal that ended it).
    package func exitCode() async -> Int32 {
        while true {
            if let code = state.withLock({ $0.exitCode }) { return code }
            await nextChange(unless: { $0.exitCode != nil })
        }
    }

    /// As ``exitCode()``, but waits also until ``output`` and ``errors`` are complete.
    package func finished() async -> Int32 {
        while true {
            let end = state.withLock { $0.openPipes == 0 ? $0.exitCode : nil }
            if let end { return end }
            await nextChange(unless: { $0.openPipes == 0 && $0.exitCode != nil })
        }
    }

    package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Asks the program to end (SIGTERM) and waits for it.
    @discardableResult
    package func stop() async -> Int32 {
        signal(SIGTERM)
        return await exitCode()
    }

    private func read(_ handle: FileHandle, _ keep: @escaping @Sendable (inout State, String) -> Void) {
        handle.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                self?.change { $0.openPipes -= 1 }
                return
            }
            self?.change { keep(&$0, String(decoding: data, as: UTF8.self)) }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            return state.wake()
        }
        for waiter in waiters { waiter.resume() }
    }

    private func nextChange(unless done: (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if done(state) { return true }
                state.waiters.append(continuation)
                return false
            }
            if now { continuation.resume() }
        }
    }
}
