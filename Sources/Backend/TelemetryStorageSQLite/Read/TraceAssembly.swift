// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// A whole trace as it is put together: by resource and scope in order of first appearance, each span once.
struct TraceAssembly {
    private let id: TraceID
    private var seen: Set<SpanKey> = []
    private var placeOfResource: [Resource: Int] = [:]
    private var placeOfEnvelope: [Envelope: (resource: Int, scope: Int)] = [:]
    private var parts: [ResourceSpans] = []

    init(_ id: TraceID) { self.id = id }

    mutating func add(
        _ row: SpanRow, operation: OperationKey, envelope: Envelope, record: inout ByteReader
    ) throws(StorageError) {
        guard seen.insert(row.key).inserted else { return }
        let span = try SpanRecord.span(of: row, in: id, operation: operation, from: &record)
        let place = place(of: envelope)
        parts[place.resource].scopeSpans[place.scope].spans.append(span)
    }

    /// Nil when nothing was added.
    var result: [ResourceSpans]? { parts.isEmpty ? nil : parts }

    private mutating func place(of envelope: Envelope) -> (resource: Int, scope: Int) {
        if let place = placeOfEnvelope[envelope] { return place }
        let resource: Int
        if let known = placeOfResource[envelope.resource] {
            resource = known
        } else {
            resource = parts.count
            placeOfResource[envelope.resource] = resource
            parts.append(ResourceSpans(resource: envelope.resource, scopeSpans: []))
        }
        let place = (resource, parts[resource].scopeSpans.count)
        parts[resource].scopeSpans.append(ScopeSpans(scope: envelope.scope, spans: []))
        placeOfEnvelope[envelope] = place
        return place
    }
}
