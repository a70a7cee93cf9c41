// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// A whole trace as it is put together: by resource and scope in order of first appearance.
struct TraceAssembly {
    // By bytes, see `OriginTable`.
    private var placeOfResource: [[UInt8]: Int] = [:]
    private var placeOfScope: [[UInt8]: Int] = [:]
    private var parts: [ResourceSpans] = []
    /// Where the span before came from, and what its source's numbers became.
    private var source: Int64?
    private var origins = OriginTable()
    private var places: [UInt32: Place] = [:]
    private var resourcePlaces: [UInt32: Int] = [:]

    private struct Place {
        var resource: Int
        var scope: Int
    }

    mutating func add(
        _ span: SpanData, from found: TraceWalk.Place, _ origins: @autoclosure () -> OriginTable
    ) {
        if source != found.sourceNumber {
            source = found.sourceNumber
            self.origins = origins()
            places = [:]
            resourcePlaces = [:]
        }
        let place = place(ofOrigin: found.row.origin)
        parts[place.resource].scopeSpans[place.scope].spans.append(span)
    }

    /// Nil when nothing was added.
    var result: [ResourceSpans]? { parts.isEmpty ? nil : parts }

    private mutating func place(ofOrigin number: UInt32) -> Place {
        if let place = places[number] { return place }
        let origin = origins.origins[Int(number)]
        let resource = place(ofResource: origin.resource)
        let key =
            Origin(resource: UInt32(truncatingIfNeeded: resource), scope: origin.scope).storedBytes
        let scope = placeOfScope[key] ?? parts[resource].scopeSpans.count
        if scope == parts[resource].scopeSpans.count {
            placeOfScope[key] = scope
            parts[resource].scopeSpans.append(ScopeSpans(scope: origin.scope, spans: []))
        }
        let place = Place(resource: resource, scope: scope)
        places[number] = place
        return place
    }

    private mutating func place(ofResource number: UInt32) -> Int {
        if let place = resourcePlaces[number] { return place }
        let resource = origins.resources[Int(number)]
        let bytes = resource.storedBytes
        let place = placeOfResource[bytes] ?? parts.count
        if place == parts.count {
            placeOfResource[bytes] = place
            parts.append(ResourceSpans(resource: resource, scopeSpans: []))
        }
        resourcePlaces[number] = place
        return place
    }
}
