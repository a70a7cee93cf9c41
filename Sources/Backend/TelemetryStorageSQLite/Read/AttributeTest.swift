// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The attribute conditions of a query against spans of one block or segment.
struct AttributeTest {
    /// By origin: the conditions that its resource does not meet, for the span to meet. Empty without
    /// conditions.
    private let openConditions: [[TraceQuery.AttributeCondition]]

    init(_ conditions: [TraceQuery.AttributeCondition], origins: OriginTable) {
        guard !conditions.isEmpty else {
            openConditions = []
            return
        }
        let openOfResource = origins.resources.map { resource in
            conditions.filter { !$0.isMet(by: resource.attributes) }
        }
        openConditions = origins.origins.map { openOfResource[Int($0.resource)] }
    }

    /// `record` gives a reader at the row's record; it is only asked when the row alone does not tell.
    func matches(
        _ row: SpanRow, record: () throws(StorageError) -> ByteReader
    ) throws(StorageError) -> Bool {
        guard !openConditions.isEmpty else { return true }
        let open = openConditions[Int(row.origin)]
        guard !open.isEmpty else { return true }
        var input = try record()
        let attributes = try input.attributes()
        return open.allSatisfy { $0.isMet(by: attributes) }
    }
}
