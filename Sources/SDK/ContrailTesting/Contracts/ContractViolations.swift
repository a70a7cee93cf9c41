// SPDX-License-Identifier: Apache-2.0

/// Where a type does not keep the contract of its protocol.
public struct ContractViolation: Hashable, Sendable, CustomStringConvertible {
    /// What the contract asks for.
    public let rule: String
    /// What was seen instead.
    public let found: String

    init(_ rule: String, found: String) {
        self.rule = rule
        self.found = found
    }

    /// `after shutdown an export fails with shut_down, but it succeeded`
    public var description: String { "\(rule), but \(found)" }
}

/// Everything that a contract suite objects to. Thrown by its `check`, so that a test of Swift Testing or XCTest
/// fails and shows the list.
public struct ContractViolations: Error, CustomStringConvertible {
    /// The type that was checked.
    public let subject: String
    /// In the order in which they were found; never empty.
    public let violations: [ContractViolation]

    public var description: String {
        let list = violations.map { "\n- \($0)" }.joined()
        return
            "\(subject) breaks its contract in \(violations.count) place\(violations.count == 1 ? "" : "s"):\(list)"
    }
}

/// Collects what one suite finds.
struct ContractFindings {
    private(set) var violations: [ContractViolation] = []

    /// Notes a violation of `rule` unless `holds`.
    mutating func expect(_ rule: String, _ holds: Bool, found: @autoclosure () -> String) {
        // The same finding a thousand times helps nobody.
        guard !holds, !violations.contains(where: { $0.rule == rule }) else { return }
        violations.append(ContractViolation(rule, found: found()))
    }

    /// Notes a violation of `rule`.
    mutating func fail(_ rule: String, found: String) { expect(rule, false, found: found) }

    func check(_ subject: Any) throws(ContractViolations) {
        guard !violations.isEmpty else { return }
        throw ContractViolations(subject: "\(type(of: subject))", violations: violations)
    }
}
