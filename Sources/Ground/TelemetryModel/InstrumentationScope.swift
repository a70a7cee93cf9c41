// SPDX-License-Identifier: Apache-2.0

/// The unit of code that made the telemetry, usually a module or library.
///
/// Two scopes are the same when all fields are. Source: OpenTelemetry specification 1.60, "Instrumentation
/// Scope".
public struct InstrumentationScope: Hashable, Sendable {
    public var name: String
    /// Empty when unknown.
    public var version: String
    public var attributes: Attributes
    public var droppedAttributesCount: UInt32
    /// URL of the semantic-convention schema of the scope's telemetry, empty when unknown.
    public var schemaURL: String

    public init(
        name: String, version: String = "", attributes: Attributes = [:], droppedAttributesCount: UInt32 = 0,
        schemaURL: String = ""
    ) {
        self.name = name
        self.version = version
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
        self.schemaURL = schemaURL
    }
}
