// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

/// One claim of the ``TelemetryStore`` contract, to be checked for every engine.
///
/// Engines run all of them: `@Test(arguments: StorageCheck.all) func contract(_ check: StorageCheck)`.
package struct StorageCheck: Sendable, CustomStringConvertible {
    /// Makes an empty store.
    package typealias MakeStore = @Sendable () async throws -> any TelemetryStore

    /// The claim.
    package let description: String
    private let body: @Sendable (any TelemetryStore) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (any TelemetryStore) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Throws ``ContractViolation`` when the store does not keep the claim.
    package func run(_ make: MakeStore) async throws {
        let store = try await make()
        do {
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    package static let all: [StorageCheck] =
        readingChecks + searchChecks + attributeChecks + pagingChecks + identityChecks + lifeChecks
}

/// What a store did that the contract forbids.
package struct ContractViolation: Error, CustomStringConvertible {
    package let description: String
}

/// Throws with the claim and its place unless `condition` holds.
func require(
    _ condition: Bool, _ claim: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) throws(ContractViolation) {
    guard condition else { throw ContractViolation(description: "\(file):\(line): \(claim())") }
}

/// Throws with both values unless they are equal.
func requireEqual<T: Equatable>(
    _ found: T, _ expected: T, _ claim: @autoclosure () -> String = "", file: StaticString = #fileID,
    line: UInt = #line
) throws(ContractViolation) {
    guard found != expected else { return }
    throw ContractViolation(
        description: "\(file):\(line): \(claim()) found \(found), expected \(expected)")
}
