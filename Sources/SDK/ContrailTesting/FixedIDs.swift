// SPDX-License-Identifier: Apache-2.0

import Synchronization
public import TelemetryModel
public import TelemetrySDK

/// Ids that count up from 1, so that a test knows them beforehand: trace 1, 2, …; span 1, 2, ….
public final class FixedIDs: IDGenerator {
    private let traces = Atomic<UInt64>(0)
    private let spans = Atomic<UInt64>(0)

    public init() {}

    public func traceID() -> TraceID {
        TraceID(high: 0, low: traces.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    public func spanID() -> SpanID { SpanID(value: spans.wrappingAdd(1, ordering: .relaxed).newValue) }
}
