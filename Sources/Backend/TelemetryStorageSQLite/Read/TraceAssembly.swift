// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// A whole trace as it is put together: by resource and scope in order of first appearance, each span once.
struct TraceAssembly {
    private let id: TraceID
    private var seen: Set<SpanKey> = []
    private var placeOfResource: [Resource: Int] = [:]
    private var placeOfScope: [ScopeKey: Int] = [:]
    private var envelopes = EnvelopeTable()
    /// By number in ``envelopes``.
    private var places: [UInt32: Place] = [:]
    private var resourcePlaces: [UInt32: Int] = [:]
    private var parts: [ResourceSpans] = []

    private struct Place {
        var resource: Int
        var scope: Int
    }

    private struct ScopeKey: Hashable {
        var resource: Int
        var scope: InstrumentationScope
    }

    init(_ id: TraceID) { self.id = id }

    /// The rows that follow are of the block or segment with these envelopes.
    mutating func begin(_ envelopes: EnvelopeTable) {
        self.envelopes = envelopes
        places = [:]
        resourcePlaces = [:]
    }

    mutating func add(
        _ row: SpanRow, operation: OperationKey, record: inout ByteReader
    ) throws(StorageError) {
        guard seen.insert(row.key).inserted else { return }
        let span = try SpanRecord.span(of: row, in: id, operation: operation, from: &record)
        let place = place(ofEnvelope: row.envelope)
        parts[place.resource].scopeSpans[place.scope].spans.append(span)
    }

    /// Nil when nothing was added.
    var result: [ResourceSpans]? { parts.isEmpty ? nil : parts }

    private mutating func place(ofEnvelope number: UInt32) -> Place {
        if let place = places[number] { return place }
        let envelope = envelopes.envelopes[Int(number)]
        let resource = place(ofResource: envelope.resource)
        let key = ScopeKey(resource: resource, scope: envelope.scope)
        let scope = placeOfScope[key] ?? parts[resource].scopeSpans.count
        if scope == parts[resource].scopeSpans.count {
            placeOfScope[key] = scope
            parts[resource].scopeSpans.append(ScopeSpans(scope: envelope.scope, spans: []))
        }
        let place = Place(resource: resource, scope: scope)
        places[number] = place
        return place
    }

    private mutating func place(ofResource number: UInt32) -> Int {
        if let place = resourcePlaces[number] { return place }
        let resource = envelopes.resources[Int(number)]
        let place = placeOfResource[resource] ?? parts.count
        if place == parts.count {
            placeOfResource[resource] = place
            parts.append(ResourceSpans(resource: resource, scopeSpans: []))
        }
        resourcePlaces[number] = place
        return place
    }
}
