// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

extension TraceQuery.AttributeCondition {
    /// Whether any attribute of this key has a value of this text. A key that stands twice matches with
    /// either value.
    package func isMet(by attributes: Attributes) -> Bool {
        attributes.contains { $0.key.hasSameBytes(as: key) && isMet(by: $0.value) }
    }

    private func isMet(by attribute: AttributeValue) -> Bool {
        switch attribute {
        case .string(let text): text.hasSameBytes(as: value)
        case .bool(let flag): value == (flag ? "true" : "false")
        case .int(let number): value == String(number)
        case .double(let number): Double(value).map { $0 == number || ($0.isNaN && number.isNaN) } ?? false
        case .bytes, .array, .map, .empty: false
        }
    }
}

extension String {
    /// Equality by bytes. `==` also holds for canonically equivalent texts.
    fileprivate func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
