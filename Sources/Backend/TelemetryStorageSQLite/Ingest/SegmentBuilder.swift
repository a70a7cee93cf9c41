// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Makes a ``Segment`` of a request. Pure; runs on the caller's thread, so that several requests are
/// prepared at once.
struct SegmentBuilder {
    private struct Place {
        var resource: Int
        var scope: Int
        var span: Int
        var envelope: UInt32
        var group: Int
    }

    private struct NameAndKind: Hashable {
        var name: ExactText
        var kind: SpanKind
    }

    static func segment(of batch: [ResourceSpans]) -> Segment {
        var segment = Segment()
        let places = places(of: batch, in: &segment)
        var rows: [SpanRow] = []
        rows.reserveCapacity(places.count)
        var records = ByteWriter()
        records.reserve(places.count * 256)
        var lastResource = -1
        var operations: [NameAndKind: UInt32] = [:]
        var operationsOfService: [ExactText: [NameAndKind: UInt32]] = [:]
        var service = ExactText("")
        for place in places {
            if place.resource != lastResource {
                if lastResource >= 0 { operationsOfService[service] = operations }
                lastResource = place.resource
                service = ExactText(batch[place.resource].resource.serviceName ?? unknownServiceName)
                operations = operationsOfService.removeValue(forKey: service) ?? [:]
            }
            let span = batch[place.resource].scopeSpans[place.scope].spans[place.span]
            let nameAndKind = NameAndKind(name: ExactText(span.name), kind: span.kind)
            let operation: UInt32
            if let known = operations[nameAndKind] {
                operation = known
            } else {
                operation = segment.add(
                    OperationKey(service: service, name: nameAndKind.name, kind: span.kind))
                operations[nameAndKind] = operation
            }
            let recordOffset = records.count
            SpanRecord.write(span, to: &records)
            for attribute in span.attributes {
                guard let token = AttributeToken.token(key: attribute.key, value: attribute.value) else {
                    continue
                }
                segment.tokens.append(token)
            }
            rows.append(
                SpanRow(
                    operation: operation, envelope: place.envelope, status: span.status.code,
                    start: span.startTimeUnixNano, end: span.endTimeUnixNano, spanID: span.spanID.value,
                    parentSpanID: span.parentSpanID?.value ?? 0, recordOffset: recordOffset,
                    recordLength: records.count - recordOffset))
            segment.table.groups[place.group].start = min(
                segment.table.groups[place.group].start, span.startTimeUnixNano)
        }
        segment.table.rows = rows
        segment.records = records.bytes
        return segment
    }

    /// The spans of the batch in the order of the table: by trace, and as they came within one. Makes the
    /// groups and the envelopes.
    private static func places(of batch: [ResourceSpans], in segment: inout Segment) -> [Place] {
        var groupOfTrace: [TraceID: Int] = [:]
        var places: [Place] = []
        var sizes: [Int] = []
        var ids: [TraceID] = []
        for resource in batch.indices {
            // A resource is hashed once, however many scopes it has.
            var resourceNumber: UInt32?
            for scope in batch[resource].scopeSpans.indices {
                let scopeSpans = batch[resource].scopeSpans[scope]
                if scopeSpans.spans.isEmpty { continue }
                let number = resourceNumber ?? segment.envelopes.add(batch[resource].resource)
                resourceNumber = number
                let envelope = segment.envelopes.add(Envelope(resource: number, scope: scopeSpans.scope))
                for span in scopeSpans.spans.indices {
                    let id = scopeSpans.spans[span].traceID
                    let group: Int
                    if let last = places.last, ids[last.group] == id {
                        group = last.group
                    } else if let known = groupOfTrace[id] {
                        group = known
                    } else {
                        group = ids.count
                        groupOfTrace[id] = group
                        ids.append(id)
                        sizes.append(0)
                    }
                    sizes[group] += 1
                    places.append(
                        Place(resource: resource, scope: scope, span: span, envelope: envelope, group: group))
                }
            }
        }
        var first = 0
        segment.table.groups = zip(ids, sizes).map { id, size in
            defer { first += size }
            return TraceGroup(id: id, rows: first..<first + size, start: .max)
        }
        var next = segment.table.groups.map(\.rows.lowerBound)
        var sorted = places
        for place in places {
            sorted[next[place.group]] = place
            next[place.group] += 1
        }
        return sorted
    }
}
