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
        var origin: UInt32
        var part: Int
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
                service = ExactText(batch[place.resource].resource.serviceName ?? Resource.unknownServiceName)
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
                    operation: operation, origin: place.origin, status: span.status.code,
                    start: span.startTimeUnixNano, end: span.endTimeUnixNano, spanID: span.spanID.value,
                    parentSpanID: span.parentSpanID?.value ?? 0, recordOffset: recordOffset,
                    recordLength: records.count - recordOffset))
            segment.table.parts[place.part].start = min(
                segment.table.parts[place.part].start, span.startTimeUnixNano)
        }
        segment.table.rows = rows
        segment.records = records.bytes
        return segment
    }

    /// The spans of the batch in the order of the table: by trace, and as they came within one. Makes the
    /// parts and the origins.
    private static func places(of batch: [ResourceSpans], in segment: inout Segment) -> [Place] {
        var partOfTrace: [TraceID: Int] = [:]
        var places: [Place] = []
        var sizes: [Int] = []
        var ids: [TraceID] = []
        for resource in batch.indices {
            // A resource is hashed once, however many scopes it has.
            var resourceNumber: UInt32?
            for scope in batch[resource].scopeSpans.indices {
                let scopeSpans = batch[resource].scopeSpans[scope]
                if scopeSpans.spans.isEmpty { continue }
                let number = resourceNumber ?? segment.origins.add(batch[resource].resource)
                resourceNumber = number
                let origin = segment.origins.add(Origin(resource: number, scope: scopeSpans.scope))
                for span in scopeSpans.spans.indices {
                    let id = scopeSpans.spans[span].traceID
                    let part: Int
                    if let last = places.last, ids[last.part] == id {
                        part = last.part
                    } else if let known = partOfTrace[id] {
                        part = known
                    } else {
                        part = ids.count
                        partOfTrace[id] = part
                        ids.append(id)
                        sizes.append(0)
                    }
                    sizes[part] += 1
                    places.append(
                        Place(resource: resource, scope: scope, span: span, origin: origin, part: part))
                }
            }
        }
        var first = 0
        segment.table.parts = zip(ids, sizes).map { id, size in
            defer { first += size }
            return TracePart(id: id, rows: first..<first + size, start: .max)
        }
        var next = segment.table.parts.map(\.rows.lowerBound)
        var sorted = places
        for place in places {
            sorted[next[place.part]] = place
            next[place.part] += 1
        }
        return sorted
    }
}
