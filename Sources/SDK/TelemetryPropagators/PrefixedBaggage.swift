// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import TelemetryAPI

/// Baggage in headers of its own, one for each entry: `uberctx-{name}` of Jaeger, `ot-baggage-{name}` of OT Trace.
struct PrefixedBaggage: Sendable {
    /// In lower case.
    let prefix: String
    /// Whether values are percent-encoded; where they are not, a value that no header can carry stays at home.
    let isPercentEncoded: Bool

    /// Entries that are read or written; those behind are left out.
    private static let entriesMax = W3CBaggagePropagator.membersMax
    /// Bytes of names and values together; the entry that would go beyond is left out.
    private static let bytesMax = W3CBaggagePropagator.bytesMax

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        let baggage = context.baggage
        guard !baggage.isEmpty else { return }
        var room = Room()
        for entry in baggage.entries
        where !entry.name.isEmpty && entry.name.utf8.allSatisfy(\.isTokenCharacter) {
            guard let value = encoded(entry.value) else { continue }
            guard room.takes(entry.name, value) else { continue }
            injector.inject(value, forKey: prefix + entry.name, into: &carrier)
        }
    }

    /// Adds what the carrier holds to the baggage of `context`; nothing when the carrier's keys are not known.
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let keyed = extractor as? any KeyedExtractor<Carrier> else { return }
        var baggage: Baggage?
        var room = Room()
        keyed.forEachKey(in: carrier) { key in
            guard let name = name(in: key), let value = extractor.extract(key: key, from: carrier) else {
                return
            }
            add(name, value, to: &baggage, of: context, &room)
        }
        if let baggage { context.baggage = baggage }
    }

    /// Adds `name=value, name=value` to the baggage of `context`.
    func extractList(_ header: String, into context: inout ServiceContext) {
        guard header.utf8.count <= Self.bytesMax else { return }
        var baggage: Baggage?
        var room = Room()
        for member in header.utf8.split(separator: UInt8(ascii: ",")) {
            guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { continue }
            add(
                Substring(member[..<equals]).trimmingOptionalWhitespace,
                String(Substring(member[equals...].dropFirst()).trimmingOptionalWhitespace), to: &baggage,
                of: context, &room)
        }
        if let baggage { context.baggage = baggage }
    }

    private func add(
        _ name: Substring, _ value: String, to baggage: inout Baggage?, of context: ServiceContext,
        _ room: inout Room
    ) {
        guard !name.isEmpty, name.utf8.allSatisfy(\.isTokenCharacter), room.takes(String(name), value) else {
            return
        }
        var grown = baggage ?? context.baggage
        grown.set(String(name), to: isPercentEncoded ? PercentCoding.decodeLeniently(value.utf8) : value)
        baggage = grown
    }

    /// What stands behind the prefix; nil for a key of something else. Header names have no case, environment
    /// variables have underscores.
    private func name(in key: String) -> Substring? {
        var (rest, wanted) = (key.utf8[...], prefix.utf8[...])
        while let next = wanted.popFirst() {
            guard let byte = rest.popFirst(),
                byte.lowercasedASCII == next || byte == UInt8(ascii: "_") && next == UInt8(ascii: "-")
            else { return nil }
        }
        return Substring(rest)
    }

    private func encoded(_ value: String) -> String? {
        guard isPercentEncoded else {
            return value.utf8.allSatisfy { $0 == 0x09 || (0x20...0x7e).contains($0) } ? value : nil
        }
        guard value.utf8.count <= Self.bytesMax else { return nil }
        var bytes: [UInt8] = []
        PercentCoding.encode(value.utf8, into: &bytes) { $0.isUnreserved }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What is left of the limits.
    private struct Room {
        var entries = PrefixedBaggage.entriesMax
        var bytes = PrefixedBaggage.bytesMax

        mutating func takes(_ name: String, _ value: String) -> Bool {
            let size = name.utf8.count + value.utf8.count
            guard entries > 0, size <= bytes else { return false }
            entries -= 1
            bytes -= size
            return true
        }
    }
}

extension Substring {
    /// Without spaces and tabs at both ends (RFC 9110, OWS).
    fileprivate var trimmingOptionalWhitespace: Substring {
        var rest = utf8[...]
        while let first = rest.first, first == 0x20 || first == 0x09 { rest.removeFirst() }
        while let last = rest.last, last == 0x20 || last == 0x09 { rest.removeLast() }
        return Substring(rest)
    }
}

extension UInt8 {
    /// RFC 3986: unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
    fileprivate var isUnreserved: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: true
        default: false
        }
    }
}
