// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// Finds out, once, when the program starts, what there is to say about where it runs.
///
/// Looks at ``DetectionSurroundings`` only, so that tests can show it any machine. Must be quick: the program's start
/// waits for it, though never longer than ``ResourceDetection/timeLimit``; it may be called on any thread.
/// Source: OpenTelemetry specification 1.60, "Detecting resource information from the environment".
public protocol ResourceDetector: Sendable {
    /// In settings and messages: lower-case letters, digits and `_`, after the root of the attributes that it finds.
    var name: String { get }

    /// What it finds; the empty resource when there is nothing to be found, which is no error.
    ///
    /// Attributes of the semantic conventions come with their schema URL (``SemanticConventions/schemaURL``).
    /// - Throws: when something that is there cannot be read.
    func detect(in surroundings: DetectionSurroundings) throws -> Resource
}

/// The conventions that the detectors of this module follow.
public enum SemanticConventions {
    /// Of the attributes' names and values.
    public static let schemaURL = "https://opentelemetry.io/schemas/1.44.0"
}

/// Why a detector cannot tell what it should.
public struct DetectionError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
