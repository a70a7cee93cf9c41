// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI

/// The header `baggage`.
///
/// Reads and writes whole members only. A member that breaks the grammar is left out, the others stay; a
/// header without any good member leaves the context as it was. Source: W3C Baggage; OpenTelemetry
/// specification 1.60.
public struct W3CBaggagePropagator: TextMapPropagator {
    private static let header = "baggage"

    /// Members in one header; those behind are left out. W3C Baggage, "Limits": at least 64 must be carried.
    public static let membersMax = 64
    /// Bytes of one header. What stands behind them is not read; a member that would go beyond is not written,
    /// smaller ones behind it are. W3C Baggage, "Limits": at least 8192 must be carried.
    public static let bytesMax = 8_192

    public init() {}

    public var fields: [String] { [Self.header] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        let baggage = context.baggage
        guard !baggage.isEmpty else { return }
        let value = Self.headerValue(of: baggage)
        guard !value.isEmpty else { return }
        injector.inject(value, forKey: Self.header, into: &carrier)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard var header = extractor.extract(key: Self.header, from: carrier), !header.isEmpty else { return }
        let baggage = header.withUTF8 { Self.parse($0) }
        // "MUST NOT store a new value in the Context, in order to preserve any previously existing valid
        // value."
        guard !baggage.isEmpty else { return }
        context.baggage = baggage
    }
}

// MARK: - Reading

extension W3CBaggagePropagator {
    private typealias Bytes = UnsafeBufferPointer<UInt8>

    private static func parse(_ bytes: Bytes) -> Baggage {
        var baggage = Baggage()
        let end = min(bytes.count, bytesMax)
        // The cut may fall into a member, which is then left out whole.
        let isCut = bytes.count > bytesMax && bytes[bytesMax] != UInt8(ascii: ",")
        var start = 0
        while start < end, baggage.entries.count < membersMax {
            let comma = index(of: UInt8(ascii: ","), in: start..<end, of: bytes)
            if comma == end, isCut { break }
            if let entry = member(start..<comma, of: bytes) {
                // "Only one value per name": of two the later one wins.
                baggage.set(entry.name, to: entry.value, metadata: entry.metadata)
            }
            start = comma + 1
        }
        return baggage
    }

    /// `key OWS = OWS value *( OWS ; OWS property )`
    private static func member(_ range: Range<Int>, of bytes: Bytes) -> Baggage.Entry? {
        let semicolon = index(of: UInt8(ascii: ";"), in: range, of: bytes)
        let equals = index(of: UInt8(ascii: "="), in: range.lowerBound..<semicolon, of: bytes)
        guard equals < semicolon else { return nil }
        let name = trimmed(range.lowerBound..<equals, of: bytes)
        let value = trimmed(equals + 1..<semicolon, of: bytes)
        guard !name.isEmpty, all(name, of: bytes, { $0.isTokenCharacter }),
            all(value, of: bytes, { $0.isBaggageOctet })
        else { return nil }
        let metadata = trimmed(min(semicolon + 1, range.upperBound)..<range.upperBound, of: bytes)
        return Baggage.Entry(
            name: text(name, of: bytes),
            value: PercentCoding.decodeLeniently(Bytes(rebasing: bytes[value])),
            metadata: all(metadata, of: bytes, { $0.isMetadataByte }) ? text(metadata, of: bytes) : "")
    }

    // Plain loops over indices: this runs for every request.

    /// The end of `range` when there is none.
    private static func index(of byte: UInt8, in range: Range<Int>, of bytes: Bytes) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, bytes[index] != byte { index += 1 }
        return index
    }

    private static func all(_ range: Range<Int>, of bytes: Bytes, _ isGood: (UInt8) -> Bool) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound, isGood(bytes[index]) { index += 1 }
        return index == range.upperBound
    }

    private static func trimmed(_ range: Range<Int>, of bytes: Bytes) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while start < end, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return start..<end
    }

    private static func text(_ range: Range<Int>, of bytes: Bytes) -> String {
        String(decoding: Bytes(rebasing: bytes[range]), as: UTF8.self)
    }
}

// MARK: - Writing

extension W3CBaggagePropagator {
    /// As many whole members as the limits let through; names that the header cannot carry are left out.
    static func headerValue(of baggage: Baggage) -> String {
        var header: [UInt8] = []
        var members = 0
        for entry in baggage.entries where entry.name.utf8.allSatisfy(\.isTokenCharacter) {
            guard members < membersMax else { break }
            // Encoding makes nothing shorter: what is too long as it is need not be encoded.
            guard header.count + entry.name.utf8.count + entry.value.utf8.count < bytesMax else { continue }
            let start = header.count
            if start > 0 { header.append(UInt8(ascii: ",")) }
            header.append(contentsOf: entry.name.utf8)
            header.append(UInt8(ascii: "="))
            // "Value: … percent-encoded outside baggage-octet", and `%` always.
            PercentCoding.encode(entry.value.utf8, into: &header) {
                $0.isBaggageOctet && $0 != UInt8(ascii: "%")
            }
            // Metadata is opaque: sent as it is, or not at all when it would break the header.
            if !entry.metadata.isEmpty, entry.metadata.utf8.allSatisfy(\.isMetadataByte) {
                header.append(UInt8(ascii: ";"))
                header.append(contentsOf: entry.metadata.utf8)
            }
            guard header.count <= bytesMax else {
                header.removeSubrange(start...)
                continue
            }
            members += 1
        }
        return String(decoding: header, as: UTF8.self)
    }
}

extension UInt8 {
    /// W3C Baggage: baggage-octet = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E
    fileprivate var isBaggageOctet: Bool {
        switch self {
        case 0x21, 0x23...0x2b, 0x2d...0x3a, 0x3c...0x5b, 0x5d...0x7e: true
        default: false
        }
    }

    /// Printable ASCII and tab, without the comma that would begin another member.
    fileprivate var isMetadataByte: Bool {
        self == 0x09 || (0x20...0x7e).contains(self) && self != UInt8(ascii: ",")
    }
}
