// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A process that was started with pipes for its output.
///
/// Not Foundation's `Process`: that one tells of ends through descriptors which other children, started at the same
/// moment, inherit, so that a short command seems to live as long as a server started beside it. Here every
/// descriptor is closed on exec from the beginning.
struct Spawn {
    let processIdentifier: pid_t
    /// Reading ends; whoever reads them to the end closes them.
    let output: Int32
    let errors: Int32

    /// Between making a pipe and closing it on exec, no other child may be started.
    private static let spawning = Mutex(())

    /// The end of a process, for one thread to wait for.
    final class End: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        private let code = Mutex<Int32>(0)

        fileprivate func set(_ code: Int32) {
            self.code.withLock { $0 = code }
            semaphore.signal()
        }

        /// The exit code, or the number of the signal that ended it.
        func wait() -> Int32 {
            semaphore.wait()
            return code.withLock { $0 }
        }
    }

    /// Starts `command`, a path and its arguments, which the kernel ends when this process dies, however it
    /// dies.
    // The thread that starts it waits for it too: prctl(2), PR_SET_PDEATHSIG: "the "parent" in this case is
    // considered to be the thread that created this process".
    static func start(command: [String], environment: [String: String]) throws -> (Spawn, End) {
        let end = End()
        let started = DispatchSemaphore(value: 0)
        let result = StartResult()
        Thread.detachNewThread {
            let spawn = Result {
                try spawning.withLock { _ in
                    try Spawn(
                        whileLocked: URL(filePath: "/usr/bin/setpriv"),
                        arguments: ["--pdeathsig", "KILL"] + command, environment: environment)
                }
            }
            result.value.withLock { $0 = spawn }
            started.signal()
            if case .success(let spawn) = spawn { end.set(wait(for: spawn.processIdentifier)) }
        }
        started.wait()
        guard let spawn = try result.value.withLock({ $0 })?.get() else {
            throw Program.Failure(description: "\(command.first ?? "") was not started")
        }
        return (spawn, end)
    }

    private final class StartResult: Sendable {
        let value = Mutex<Result<Spawn, any Error>?>(nil)
    }

    private init(whileLocked executable: URL, arguments: [String], environment: [String: String]) throws {
        let (outputRead, outputWrite) = try Self.pipe()
        let (errorsRead, errorsWrite) = try Self.pipe()
        defer {
            close(outputWrite)
            close(errorsWrite)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, outputWrite, 1)
        posix_spawn_file_actions_adddup2(&actions, errorsWrite, 2)

        // The child starts with no signal blocked and with the usual answer to each, whatever this process does.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var argv = ([executable.path()] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for text in argv { free(text) }
            for text in envp { free(text) }
        }
        var identifier: pid_t = 0
        let error = posix_spawn(&identifier, executable.path(), &actions, &attributes, &argv, &envp)
        guard error == 0 else {
            close(outputRead)
            close(errorsRead)
            throw Program.Failure(
                description: "cannot start \(executable.path()): \(String(cString: strerror(error)))")
        }
        processIdentifier = identifier
        output = outputRead
        errors = errorsRead
    }

    /// Waits for the end: the exit code, or the number of the signal that ended it.
    private static func wait(for processIdentifier: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(processIdentifier, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : signal
    }

    /// Gives what comes from `descriptor` until there is no more, then closes it.
    static func read(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) {
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count == -1, errno == EINTR { continue }
            guard count > 0 else { return }
            take(buffer[..<count])
        }
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else {
            throw Program.Failure(description: "no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
