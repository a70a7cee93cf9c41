// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import Synchronization

/// A file of sampling strategies that is read again when it has changed.
///
/// Looked at when somebody asks, which services do every few seconds: nobody has to watch it.
final class SamplingStrategiesFile: Sendable {
    /// What tells one state of a file from another.
    private struct Version: Hashable {
        let modified: Date?
        let size: Int?
        let number: Int?
    }

    private struct State {
        var version: Version?
        var strategies: SamplingStrategies
    }

    private let path: String
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads the file. Throws its place and what is expected there.
    init(path: String, logger: Logger) throws(SamplingStrategiesError) {
        self.path = path
        self.logger = logger
        let version = Self.version(of: path)
        let strategies = try Self.read(path)
        state = Mutex(State(version: version, strategies: strategies))
        warn(strategies)
    }

    /// What the file says now, or what it said last when it cannot be read any more.
    var strategies: SamplingStrategies {
        // Under the lock, so that of two readings the later one stays. The file is small, and seldom changes.
        let (strategies, change) = state.withLock { state -> (SamplingStrategies, Change?) in
            let version = Self.version(of: path)
            guard version != state.version else { return (state.strategies, nil) }
            state.version = version
            do throws(SamplingStrategiesError) {
                state.strategies = try Self.read(path)
                return (state.strategies, .read)
            } catch {
                return (state.strategies, .failed(error))
            }
        }
        switch change {
        case nil: break
        case .read: warn(strategies)
        case .failed(let error):
            logger.error(
                "the sampling strategies cannot be read; the last ones hold",
                metadata: ["file": "\(path)", "reason": "\(error)"])
        }
        return strategies
    }

    private enum Change {
        case read
        case failed(SamplingStrategiesError)
    }

    private func warn(_ strategies: SamplingStrategies) {
        for warning in strategies.warnings {
            logger.warning(
                "a sampling strategy has no effect", metadata: ["file": "\(path)", "reason": "\(warning)"])
        }
    }

    private static func version(of path: String) -> Version? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        return Version(
            modified: attributes[.modificationDate] as? Date, size: attributes[.size] as? Int,
            number: attributes[.systemFileNumber] as? Int)
    }

    private static func read(_ path: String) throws(SamplingStrategiesError) -> SamplingStrategies {
        let bytes: [UInt8]
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            bytes = Array(try handle.read(upToCount: SamplingStrategies.fileBytesMax + 1) ?? Data())
        } catch {
            throw SamplingStrategiesError("it cannot be opened: \((error as NSError).localizedDescription)")
        }
        return try SamplingStrategies(json: bytes)
    }
}
