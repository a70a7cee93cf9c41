// SPDX-License-Identifier: Apache-2.0

internal import Hummingbird
internal import TelemetryModel
internal import TelemetryStorage

/// The parameters of one request, checked against the list of its route.
struct APIArguments {
    private var values: [String: [APIParameter.Value]] = [:]

    /// Path and query are still percent-encoded.
    init(_ route: APIRoute, path pathValues: Parameters, query: String?) throws(APIError) {
        for parameter in route.parameters where parameter.place == .path {
            let raw = pathValues[parameter.name[...]] ?? ""
            guard let text = PercentEncoding.decode(raw.utf8, plusIsSpace: false) else {
                throw parameter.refusal(of: String(raw), "is not percent-encoded UTF-8")
            }
            values[parameter.name] = [try parameter.value(of: text)]
        }
        for pair in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            try read(pair, of: route)
        }
    }

    private mutating func read(_ pair: Substring.UTF8View, of route: APIRoute) throws(APIError) {
        let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
        guard let name = PercentEncoding.decode(pair[..<equals], plusIsSpace: true) else {
            throw APIError(.badParameter, "a parameter's name is not percent-encoded UTF-8")
        }
        guard let parameter = route.parameters.first(where: { $0.place == .query && $0.name == name }) else {
            throw route.unknown(name)
        }
        let raw = pair[equals...].dropFirst()
        guard let text = PercentEncoding.decode(raw, plusIsSpace: true) else {
            throw parameter.refusal(of: String(Substring(raw)), "is not percent-encoded UTF-8")
        }
        // A form sends its empty fields too.
        if text.isEmpty { return }
        guard parameter.isRepeatable || values[name] == nil else {
            throw APIError(.badParameter, "\(name): stands twice; give it once", parameter: name)
        }
        values[name, default: []].append(try parameter.value(of: text))
    }

    func text(_ name: String) -> String? {
        guard case .text(let value)? = values[name]?.first else { return nil }
        return value
    }

    func traceID(_ name: String) -> TraceID? {
        guard case .traceID(let value)? = values[name]?.first else { return nil }
        return value
    }

    func spanID(_ name: String) -> SpanID? {
        guard case .spanID(let value)? = values[name]?.first else { return nil }
        return value
    }

    func severity(_ name: String) -> LogSeverity? {
        guard case .severity(let value)? = values[name]?.first else { return nil }
        return value
    }

    func nanoseconds(_ name: String) -> UInt64? {
        guard case .nanoseconds(let value)? = values[name]?.first else { return nil }
        return value
    }

    func count(_ name: String) -> Int? {
        guard case .count(let value)? = values[name]?.first else { return nil }
        return value
    }

    func status(_ name: String) -> SpanStatus.Code? {
        guard case .status(let value)? = values[name]?.first else { return nil }
        return value
    }

    func scope(_ name: String) -> AttributeScope? {
        guard case .attributeScope(let value)? = values[name]?.first else { return nil }
        return value
    }

    func attributes(_ name: String) -> [TraceQuery.AttributeCondition] {
        (values[name] ?? []).compactMap {
            guard case .attribute(let condition) = $0 else { return nil }
            return condition
        }
    }
}

/// RFC 3986, 2.1, and for queries the "+" of HTML forms.
enum PercentEncoding {
    /// Nil for a broken escape or bytes that are not UTF-8.
    static func decode(_ raw: some Sequence<UInt8>, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var iterator = raw.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap({ UInt8(hexDigit: $0) }),
                    let low = iterator.next().flatMap({ UInt8(hexDigit: $0) })
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
