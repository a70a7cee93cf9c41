// SPDX-License-Identifier: Apache-2.0

public import Instrumentation

/// An extractor that also knows which keys a carrier has, and every value of one.
///
/// Formats with headers whose names vary (`uberctx-{name}`, `ot-baggage-{name}`) are read only through one of these.
/// Stateless, to be kept as a constant. Source: OpenTelemetry specification 1.60, "Getter argument", "Keys",
/// "GetAll".
public protocol KeyedExtractor<Carrier>: Extractor {
    /// Calls `body` once for each key of the carrier, spelled as it stands there.
    func forEachKey(in carrier: Carrier, _ body: (String) -> Void)

    /// Every value of `key`, in the order of the carrier; empty when there is none.
    func extractAll(key: String, from carrier: Carrier) -> [String]
}

extension KeyedExtractor {
    /// Every key of the carrier.
    public func keys(in carrier: Carrier) -> [String] {
        var keys: [String] = []
        forEachKey(in: carrier) { keys.append($0) }
        return keys
    }

    /// The value that ``Extractor/extract(key:from:)`` gives.
    public func extractAll(key: String, from carrier: Carrier) -> [String] {
        extract(key: key, from: carrier).map { [$0] } ?? []
    }
}
