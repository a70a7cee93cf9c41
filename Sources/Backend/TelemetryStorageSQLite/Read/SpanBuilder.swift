// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import TelemetryStorage

/// Puts a span together from its row and the values of its shape, slot by slot.
struct SpanBuilder {
    private(set) var span: SpanData

    init(_ row: SpanRow, of trace: TraceID, _ operation: OperationKey) {
        span = SpanData(
            traceID: trace, spanID: SpanID(value: row.spanID),
            parentSpanID: row.parentSpanID == 0 ? nil : SpanID(value: row.parentSpanID),
            name: operation.name.text, kind: operation.kind, startTimeUnixNano: row.start,
            endTimeUnixNano: row.end, status: SpanStatus(code: row.status))
    }

    /// Adds the next value: `number`, or the dictionary's `entry`.
    mutating func add(
        _ slot: Slot, key: String, _ number: UInt64, _ entry: [UInt8]
    ) throws(StorageError) {
        switch slot.place {
        case .spanAttribute: span.attributes.append(try attribute(slot.kind, key, number, entry))
        case .event: span.events.append(SpanEvent(timeUnixNano: 0, name: ""))
        case .eventAttribute:
            let attribute = try attribute(slot.kind, key, number, entry)
            lastEvent { $0.attributes.append(attribute) }
        case .eventTime: lastEvent { $0.timeUnixNano = number }
        case .eventName: lastEvent { $0.name = Self.text(entry) }
        case .eventDroppedAttributes: lastEvent { $0.droppedAttributesCount = Self.count(number) }
        case .link: span.links.append(SpanLink(traceID: .invalid, spanID: .invalid))
        case .linkAttribute:
            let attribute = try attribute(slot.kind, key, number, entry)
            lastLink { $0.attributes.append(attribute) }
        case .linkTraceHigh: lastLink { $0.traceID = TraceID(high: number, low: $0.traceID.low) }
        case .linkTraceLow: lastLink { $0.traceID = TraceID(high: $0.traceID.high, low: number) }
        case .linkSpan: lastLink { $0.spanID = SpanID(value: number) }
        case .linkTraceState: lastLink { $0.traceState = Self.text(entry) }
        case .linkDroppedAttributes: lastLink { $0.droppedAttributesCount = Self.count(number) }
        case .linkFlags: lastLink { $0.flags = Self.count(number) }
        case .traceState: span.traceState = Self.text(entry)
        case .flags: span.flags = Self.count(number)
        case .statusMessage: span.status.message = Self.text(entry)
        case .droppedAttributes: span.droppedAttributesCount = Self.count(number)
        case .droppedEvents: span.droppedEventsCount = Self.count(number)
        case .droppedLinks: span.droppedLinksCount = Self.count(number)
        case .whole: span = try Self.whole(entry)
        }
    }

    /// A span that was kept as it came.
    static func whole(_ bytes: [UInt8]) throws(StorageError) -> SpanData {
        do throws(WireError) {
            return try OTLPProtobuf.decode(SpanData.self, from: bytes)
        } catch {
            throw .damaged("a span: \(error)")
        }
    }

    private func attribute(
        _ kind: Slot.Kind, _ key: String, _ number: UInt64, _ entry: [UInt8]
    ) throws(StorageError) -> Attribute {
        let value: AttributeValue
        switch kind {
        case .none: value = .empty
        case .string: value = .string(Self.text(entry))
        case .int: value = .int(Int64(bitPattern: number))
        case .double: value = .double(Double(bitPattern: number))
        case .bool: value = .bool(number != 0)
        case .bytes: value = .bytes(entry)
        case .complex:
            do throws(WireError) {
                value = try OTLPProtobuf.decode(AttributeValue.self, from: entry)
            } catch {
                throw .damaged("an array or map: \(error)")
            }
        }
        return Attribute(key: key, value: value)
    }

    private mutating func lastEvent(_ body: (inout SpanEvent) -> Void) {
        guard !span.events.isEmpty else { return }
        body(&span.events[span.events.count - 1])
    }

    private mutating func lastLink(_ body: (inout SpanLink) -> Void) {
        guard !span.links.isEmpty else { return }
        body(&span.links[span.links.count - 1])
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    private static func count(_ number: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: number) }
}

extension ActiveBlock {
    /// Adds the values of a row to its span.
    func addValues(ofRow row: Int, to builder: inout SpanBuilder) throws(StorageError) {
        var next = Int(rows[row].firstValue)
        for number in shapes.slots(of: rows[row].shape) {
            let slot = shapes.slot(number)
            let key = String(decoding: slot.key, as: UTF8.self)
            guard slot.hasValue else {
                try builder.add(slot, key: key, 0, [])
                continue
            }
            let value = values[next]
            next += 1
            if slot.isDictionary {
                try builder.add(slot, key: key, 0, dictionaries[number].entry(Int(value)))
            } else {
                try builder.add(slot, key: key, value, [])
            }
        }
    }
}
