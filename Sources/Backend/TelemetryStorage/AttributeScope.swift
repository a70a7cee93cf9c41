// SPDX-License-Identifier: Apache-2.0

/// What an attribute belongs to. Stands before its key in questions, with a colon: `resource:host.name=web-1`.
package enum AttributeScope: String, Hashable, Sendable, CaseIterable {
    case resource
    /// The instrumentation scope.
    case scope
    case span
    case event
    case link
    /// The log record.
    case log

    /// What questions about traces can ask for.
    package static let ofTraces: [AttributeScope] = [.resource, .scope, .span, .event, .link]
    /// What questions about logs can ask for.
    package static let ofLogs: [AttributeScope] = [.resource, .scope, .log]

    /// Keys that are no attributes of the thing but its own fields. A condition with one of them is also met by an
    /// attribute that is called so.
    package enum OwnKey {
        /// Of events and scopes.
        package static let name = "name"
        /// Of scopes.
        package static let version = "version"
        /// Of links, 32 hexadecimal digits.
        package static let traceID = "traceId"
        /// Of links, 16 hexadecimal digits.
        package static let spanID = "spanId"
    }
}
