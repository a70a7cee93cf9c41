// SPDX-License-Identifier: Apache-2.0

internal import OTLPWire
internal import TelemetryModel

/// What requests take in memory as values. Two bytes on the wire can make a whole record, so that the bytes that came
/// do not bound it.
enum DecodedBytes {
    /// What a request is given at first, for each byte of it: most have enough with that.
    private static let perByte = 3
    /// And in all at least.
    private static let first = 64 << 10
    /// How many times as much when that was too little.
    private static let growth = 4

    /// Runs `decode` with as much room for values as it needs, out of `budget`, and gives the room back. A request
    /// that needs more than the whole budget is too large; one that needs more than is left is refused for now.
    static func within<Message>(
        _ budget: RequestBudget, wireBytes: Int, _ decode: (WireLimits) throws(WireError) -> Message,
        failure: (WireError) -> Refusal
    ) throws(Refusal) -> Message {
        var lease = budget.open()
        var limits = WireLimits.default
        limits.decodedBytes = min(budget.bytesMax, max(first, perByte * wireBytes))
        while true {
            try lease.grow(by: limits.decodedBytes - lease.bytes)
            do throws(WireError) {
                return try decode(limits)
            } catch {
                guard case .decodedTooLarge = error.reason, limits.decodedBytes < budget.bytesMax else {
                    throw failure(error)
                }
                // Once more from the start: few requests come here, and together that is less than half as much again.
                limits.decodedBytes = min(budget.bytesMax, growth * limits.decodedBytes)
            }
        }
    }

    /// About what the values of a request take, its texts included.
    static func held(by logs: [ResourceLogs]) -> Int {
        logs.reduce(0) { sum, resource in
            sum + MemoryLayout<ResourceLogs>.stride + held(by: resource.resource.attributes)
                + resource.scopeLogs.reduce(0) { sum, scope in
                    sum + MemoryLayout<ScopeLogs>.stride + held(by: scope.scope.attributes)
                        + scope.logRecords.reduce(0) { $0 + held(by: $1) }
                }
        }
    }

    private static func held(by record: LogRecord) -> Int {
        MemoryLayout<LogRecord>.stride + held(by: record.attributes) + held(by: record.body)
            + record.severityText.utf8.count + record.eventName.utf8.count
    }

    private static func held(by attributes: Attributes) -> Int {
        attributes.reduce(0) {
            $0 + MemoryLayout<Attribute>.stride + $1.key.utf8.count + held(by: $1.value)
        }
    }

    /// Besides its place. As deep as a decoder goes at most.
    private static func held(by value: AttributeValue) -> Int {
        switch value {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .array(let values):
            values.reduce(0) { $0 + MemoryLayout<AttributeValue>.stride + held(by: $1) }
        case .map(let members): held(by: members)
        case .bool, .int, .double, .empty: 0
        }
    }
}
