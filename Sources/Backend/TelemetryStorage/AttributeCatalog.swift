// SPDX-License-Identifier: Apache-2.0

/// Which attributes there are: for those who are about to ask for one.
package struct AttributeKeyQuery: Hashable, Sendable {
    package static let limitDefault = 100
    /// A higher limit is refused by the API; stores give no more than this.
    package static let limitMax = 1_000

    /// Nil for all.
    package var scope: AttributeScope?
    /// The key begins with this, byte by byte.
    package var prefix: String
    package var limit: Int

    package init(scope: AttributeScope? = nil, prefix: String = "", limit: Int = limitDefault) {
        self.scope = scope
        self.prefix = prefix
        self.limit = limit
    }
}

/// A key and where it stands. It can be one of ``AttributeScope/OwnKey``.
package struct AttributeKey: Hashable, Sendable {
    /// What its values are.
    package enum ValueType: String, Hashable, Sendable, CaseIterable {
        case string, int, double, bool
        // No condition is met by these.
        case bytes
        /// An array or a map.
        case nested
        case empty
    }

    package var scope: AttributeScope
    package var key: String
    /// Each once, in the order of ``ValueType``.
    package var types: [ValueType]

    package init(scope: AttributeScope, key: String, types: [ValueType]) {
        self.scope = scope
        self.key = key
        self.types = types
    }
}

package struct AttributeKeyList: Hashable, Sendable {
    /// Sorted by key and then scope.
    package var keys: [AttributeKey]
    /// False when there may be more than these.
    package var isComplete: Bool

    package init(keys: [AttributeKey], isComplete: Bool) {
        self.keys = keys
        self.isComplete = isComplete
    }
}

/// Which values an attribute has.
package struct AttributeValueQuery: Hashable, Sendable {
    /// As in ``TraceQuery/AttributeCondition``.
    package var scope: AttributeScope?
    package var key: String
    /// The value's text begins with this, byte by byte.
    package var prefix: String
    package var limit: Int

    package init(
        key: String, in scope: AttributeScope? = nil, prefix: String = "",
        limit: Int = AttributeKeyQuery.limitDefault
    ) {
        self.key = key
        self.scope = scope
        self.prefix = prefix
        self.limit = limit
    }
}

package struct AttributeValueList: Hashable, Sendable {
    /// Texts that a condition with `=` finds, each once, sorted.
    package var values: [String]
    /// False when there may be more than these: a store looks at what came last, and at so much only that the
    /// answer is there while a person types.
    package var isComplete: Bool

    package init(values: [String], isComplete: Bool) {
        self.values = values
        self.isComplete = isComplete
    }
}
