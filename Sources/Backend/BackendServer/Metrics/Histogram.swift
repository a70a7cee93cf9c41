// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Durations counted in classes, for each of a few labels.
final class Histogram: Sendable {
    struct Series: Hashable, Sendable {
        /// By class; the last one has everything above the highest bound.
        fileprivate(set) var counts = [UInt64](repeating: 0, count: Histogram.boundsSeconds.count + 1)
        fileprivate(set) var sum = Duration.zero

        var count: UInt64 { counts.reduce(0, +) }
    }

    /// Upper bounds of the classes, included. From a question that the memory answers to one that people have
    /// given up.
    static let boundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private static let bounds = boundsSeconds.map { Duration.seconds($0) }

    private let state = Mutex<[String: Series]>([:])

    func observe(_ duration: Duration, _ label: String = "") {
        let place = Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count
        state.withLock { series in
            series[label, default: Series()].counts[place] += 1
            series[label, default: Series()].sum += duration
        }
    }

    /// Sorted by label.
    var series: [(label: String, Series)] {
        state.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
