// SPDX-License-Identifier: Apache-2.0

/// One environment variable: all that the parser, the documentation and the tests need to know of it.
package struct Variable: Sendable {
    /// How a value is read. Source: OpenTelemetry specification 1.60, "Environment Variable Specification".
    package enum Kind: Sendable, Equatable {
        case boolean
        case text
        /// A whole number of milliseconds in the range.
        case milliseconds(ClosedRange<Int>)
        /// A whole number in the range.
        case count(ClosedRange<Int>)
        /// One of the names, in any case.
        case choice([String])
        /// Several of the names, in any case, separated by commas.
        case list([String])
        /// `key=value,key=value`, percent-encoded; any error discards the whole.
        case attributes
        /// `key=value,key=value`, percent-encoded. The values are secrets: they are never shown.
        case headers
        /// An address. User and query are never shown.
        case url
        /// The path of a file.
        case file
    }

    package let name: String
    package let kind: Kind
    /// What holds when neither code nor environment say anything, as documentation shows it.
    package let standard: String
    /// What is written in code instead.
    package let twin: String
    package let help: String

    package init(_ name: String, _ kind: Kind, standard: String, twin: String, help: String) {
        self.name = name
        self.kind = kind
        self.standard = standard
        self.twin = twin
        self.help = help
    }
}

/// What a variable was found to say.
package enum VariableValue: Sendable, Equatable {
    case boolean(Bool)
    case text(String)
    case number(Int)
    case list([String])
    case pairs([Pair])

    package struct Pair: Sendable, Equatable {
        package let key: String
        package let value: String
    }
}
