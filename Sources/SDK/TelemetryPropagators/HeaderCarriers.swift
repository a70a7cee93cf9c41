// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
public import TelemetryAPI

/// Headers in a dictionary: messages of a queue, of a job, of a file. Names have no case.
public struct DictionaryCarrier: Injector, KeyedExtractor {
    public typealias Carrier = [String: String]

    public init() {}

    /// Sets `key` as it is spelled, in place of every other spelling of it.
    public func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        if carrier.updateValue(value, forKey: key) != nil { return }
        for other in carrier.keys where other != key && other.isSameHeaderName(as: key) {
            carrier[other] = nil
        }
    }

    public func extract(key: String, from carrier: [String: String]) -> String? {
        if carrier.isEmpty { return nil }
        if let value = carrier[key] { return value }
        for (name, value) in carrier where name.isSameHeaderName(as: key) { return value }
        return nil
    }

    public func forEachKey(in carrier: [String: String], _ body: (String) -> Void) {
        for name in carrier.keys { body(name) }
    }
}

/// Headers in a list, in which a name may stand more than once. Names have no case.
public struct HeaderListCarrier: Injector, KeyedExtractor {
    public typealias Carrier = [(name: String, value: String)]

    public init() {}

    /// Sets `key` as it is spelled, in place of every other header of that name.
    public func inject(_ value: String, forKey key: String, into carrier: inout Carrier) {
        carrier.removeAll { $0.name.isSameHeaderName(as: key) }
        carrier.append((name: key, value: value))
    }

    /// All values of `key` in their order, joined by commas.
    ///
    /// W3C Trace Context Level 2: "Multiple tracestate header fields MUST be handled as specified by RFC9110
    /// Section 5.3 Field Order." W3C Baggage says the same. Two `traceparent` become one text that is not valid.
    public func extract(key: String, from carrier: Carrier) -> String? {
        var joined: String?
        for index in carrier.indices where carrier[index].name.isSameHeaderName(as: key) {
            let value = carrier[index].value
            if let text = joined { joined = "\(text),\(value)" } else { joined = value }
        }
        return joined
    }

    public func forEachKey(in carrier: Carrier, _ body: (String) -> Void) {
        for index in carrier.indices {
            var earlier = 0
            while !carrier[earlier].name.isSameHeaderName(as: carrier[index].name) { earlier += 1 }
            if earlier == index { body(carrier[index].name) }
        }
    }

    public func extractAll(key: String, from carrier: Carrier) -> [String] {
        carrier.filter { $0.name.isSameHeaderName(as: key) }.map(\.value)
    }
}

extension String {
    /// RFC 9110: "Field names are case-insensitive".
    fileprivate func isSameHeaderName(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}
