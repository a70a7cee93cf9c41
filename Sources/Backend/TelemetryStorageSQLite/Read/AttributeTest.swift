// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The attribute conditions of a query against spans of one block or segment.
struct AttributeTest {
    private let conditions: [TraceQuery.AttributeCondition]
    /// By envelope: the conditions that its resource does not meet, for the span to meet.
    private let openConditions: [[TraceQuery.AttributeCondition]]

    init(_ conditions: [TraceQuery.AttributeCondition], envelopes: [Envelope]) {
        self.conditions = conditions
        openConditions =
            conditions.isEmpty
            ? []
            : envelopes.map { envelope in
                conditions.filter { !$0.isMet(by: envelope.resource.attributes) }
            }
    }

    /// `record` stands at the row's record.
    func matches(_ row: SpanRow, record: @autoclosure () -> ByteReader) throws(StorageError) -> Bool {
        guard !conditions.isEmpty else { return true }
        let open = openConditions[Int(row.envelope)]
        guard !open.isEmpty else { return true }
        var input = record()
        let attributes = try input.attributes()
        return open.allSatisfy { $0.isMet(by: attributes) }
    }
}
