// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization
public import TelemetryModel

/// Runs detectors, each on a thread of its own, and merges what they find.
public enum ResourceDetection {
    /// Longest wait for all detectors together. What comes later is not used.
    public static let timeLimit = Duration.seconds(1)
    /// Attributes that one detector may give; those behind are left out, and said.
    public static let attributesMax = 128
    /// UTF-8 bytes of one string that a detector may give; an attribute with a longer one is left out, and said.
    public static let valueBytesMax = 4_096

    /// What all detectors found, and what went wrong.
    public struct Findings: Sendable {
        /// Later detectors win over earlier ones.
        public var resource = Resource()
        /// One sentence for each thing that went wrong, with the detector's name.
        public var problems: [Problem] = []

        public init() {}
    }

    /// What a detector could not do.
    public struct Problem: Hashable, Sendable {
        public let detector: String
        /// Reads on from the name: "takes longer than 1.0 seconds".
        public let text: String
    }

    /// Asks all detectors at once and waits for them, for `timeLimit` at most.
    ///
    /// One that fails, or does not end, costs what it would have found and nothing else.
    public static func run(
        _ detectors: [any ResourceDetector], in surroundings: DetectionSurroundings,
        timeLimit: Duration = timeLimit
    ) -> Findings {
        guard !detectors.isEmpty else { return Findings() }
        let answers = Answers(count: detectors.count)
        for (index, detector) in detectors.enumerated() {
            // A thread and no task: who waits for a slow disk must not hold up the program's own tasks.
            Thread.detachNewThread {
                answers.set(index, Result { try detector.detect(in: surroundings) })
            }
        }
        let (seconds, attoseconds) = timeLimit.components
        let end =
            DispatchTime.now()
            + .nanoseconds(Int(clamping: seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
        for _ in detectors { if answers.arrived.wait(timeout: end) == .timedOut { break } }

        var findings = Findings()
        var names: Set<String> = []
        for (detector, answer) in zip(detectors, answers.all) {
            func report(_ text: String) {
                findings.problems.append(Problem(detector: detector.name, text: text))
            }
            // "An SDK which identifies multiple resource detectors with the same name SHOULD report an error."
            if !names.insert(detector.name).inserted { report("has the name of another detector") }
            switch answer {
            case nil: report("takes longer than \(timeLimit); nothing of it is used")
            case .failure(let error): report("failed: \(error)")
            case .success(var resource):
                for problem in resource.keepWithinLimits() { report(problem) }
                // "If multiple detectors are combined and the detectors use different non-empty Schema URL it MUST be
                // an error". Attributes are worth more than their schema: they stay.
                if findings.resource.hasSchema(conflictingWith: resource) {
                    report(
                        "follows the schema \(resource.schemaURL), those before it \(findings.resource.schemaURL); "
                            + "the resource goes without")
                }
                findings.resource = findings.resource.merging(resource)
            }
        }
        return findings
    }

    /// Where the threads leave their answers, in the order of the detectors.
    private final class Answers: Sendable {
        private let state: Mutex<[Result<Resource, any Error>?]>
        let arrived = DispatchSemaphore(value: 0)

        init(count: Int) { state = Mutex(Array(repeating: nil, count: count)) }

        var all: [Result<Resource, any Error>?] { state.withLock { $0 } }

        func set(_ index: Int, _ answer: Result<Resource, any Error>) {
            state.withLock { $0[index] = answer }
            arrived.signal()
        }
    }
}

extension Resource {
    /// Takes out what is too much; gives a sentence for each kind of it.
    fileprivate mutating func keepWithinLimits() -> [String] {
        var problems: [String] = []
        let long = attributes.filter { attribute in
            if case .string(let text) = attribute.value {
                text.utf8.count > ResourceDetection.valueBytesMax
            } else {
                false
            }
        }
        if !long.isEmpty {
            let keys = Set(long.map(\.key))
            remove { keys.contains($0) }
            problems.append(
                "gives more than \(ResourceDetection.valueBytesMax) bytes for "
                    + "\(keys.sorted().prefix(5).joined(separator: ", ")): "
                    + "left out")
        }
        if attributes.count > ResourceDetection.attributesMax {
            let keys = Set(attributes.dropFirst(ResourceDetection.attributesMax).map(\.key))
            remove { keys.contains($0) }
            problems.append(
                "gives more than \(ResourceDetection.attributesMax) attributes: \(keys.count) are left out")
        }
        return problems
    }

    /// An entity goes with an attribute that identifies it.
    private mutating func remove(_ isRemoved: (String) -> Bool) {
        attributes = Attributes(attributes.filter { !isRemoved($0.key) })
        entityRefs.removeAll { $0.idKeys.contains(where: isRemoved) }
        for index in entityRefs.indices { entityRefs[index].descriptionKeys.removeAll(where: isRemoved) }
    }
}
