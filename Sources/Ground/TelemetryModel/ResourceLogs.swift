// SPDX-License-Identifier: Apache-2.0

/// Log records of one resource, by scope: the envelope in which logs travel.
///
/// Source: OTLP `logs.proto`; the two schema URLs of the wire live in ``Resource`` and
/// ``InstrumentationScope``.
public struct ResourceLogs: Hashable, Sendable {
    public var resource: Resource
    public var scopeLogs: [ScopeLogs]

    public init(resource: Resource, scopeLogs: [ScopeLogs]) {
        self.resource = resource
        self.scopeLogs = scopeLogs
    }
}

/// Log records of one scope.
public struct ScopeLogs: Hashable, Sendable {
    public var scope: InstrumentationScope
    public var logRecords: [LogRecord]

    public init(scope: InstrumentationScope, logRecords: [LogRecord]) {
        self.scope = scope
        self.logRecords = logRecords
    }
}
