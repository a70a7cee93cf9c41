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
        /// As they came: a read may end within a character.
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var exitCode: Int32?
        /// Of standard output and standard error, how many may still bring something.
        var openPipes = 2
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func wake() -> [CheckedContinuation<Void, Never>] {
            defer { waiters = [] }
            return waiters
        }
    }

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

    /// Starts `executable` with this process' environment, without its OTEL_ and CONTRAIL_ variables, and
    /// `environment`.
    package init(
        executable: URL, arguments: [String] = [], environment: [String: String] = [:], directory: URL? = nil
    ) throws {
        name = executable.lastPathComponent
        // env changes the folder: posix_spawn's own way is not in every C library.
        let folder = directory.map { ["/usr/bin/env", "-C", $0.path()] } ?? []
        let (spawn, end) = try Spawn.start(
            command: folder + [executable.path()] + arguments,
            environment: ProcessInfo.processInfo.environment
                .filter { !$0.key.hasPrefix("OTEL_") && !$0.key.hasPrefix("CONTRAIL_") }
                .merging(environment) { $1 })
        processIdentifier = spawn.processIdentifier
        // Threads of their own: a read or a wait that blocks must not hold up the tests' own.
        Thread.detachNewThread { [weak self] in
            Spawn.read(spawn.output) { bytes in self?.change { $0.output += bytes } }
            self?.change { $0.openPipes -= 1 }
        }
        Thread.detachNewThread { [weak self] in
            Spawn.read(spawn.errors) { bytes in self?.change { $0.errors += bytes } }
            self?.change { $0.openPipes -= 1 }
        }
        Thread.detachNewThread { [weak self] in
            let code = end.wait()
            self?.change { $0.exitCode = code }
        }
    }

    deinit {
        if state.withLock({ $0.exitCode == nil }) { kill(processIdentifier, SIGKILL) }
    }

    package let processIdentifier: Int32
    package var output: String { String(decoding: state.withLock { $0.output }, as: UTF8.self) }
    package var errors: String { String(decoding: state.withLock { $0.errors }, as: UTF8.self) }

    /// Waits for the first line of output that holds `text`; throws when the program ends before it.
    package func line(holding text: String) async throws -> String {
        while true {
            let lines = output.split(separator: "\n")
            if let found = lines.first(where: { $0.contains(text) }) { return String(found) }
            if let code = state.withLock({ $0.exitCode }) {
                throw Failure(
                    description:
                        "\(name) ended with \(code) before saying \"\(text)\": \(errors.suffix(2_000))")
            }
            await nextChange(unless: {
                $0.exitCode != nil || String(decoding: $0.output, as: UTF8.self).contains(text)
            })
        }
    }

    /// Waits for the line `{"event":"ready",…}` and gives its numbers by name.
    package func readyPorts() async throws -> [String: Int] {
        let line = try await line(holding: #""event":"ready""#)
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        return object.compactMapValues { $0 as? Int }
    }

    /// Waits until the program has ended and ``output`` and ``errors`` are complete; gives its exit code, or the
    /// number of the signal that ended it.
    package func exitCode() async -> Int32 {
        while true {
            let end = state.withLock { $0.openPipes == 0 ? $0.exitCode : nil }
            if let end { return end }
            await nextChange(unless: { $0.openPipes == 0 && $0.exitCode != nil })
        }
    }

    package func signal(_ number: Int32) { kill(processIdentifier, number) }

    /// Asks the program to end (SIGTERM) and waits for it.
    @discardableResult
    package func stop() async -> Int32 {
        signal(SIGTERM)
        return await exitCode()
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
