// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

extension SpanData {
    /// Bytes of its names, texts and values, about: what makes one span larger than others.
    var textBytes: Int {
        name.utf8.count + status.message.utf8.count + traceState.utf8.count + attributes.textBytes
            + events.reduce(0) { $0 + $1.name.utf8.count + $1.attributes.textBytes }
            + links.reduce(0) { $0 + $1.attributes.textBytes }
    }
}

extension Attributes {
    fileprivate var textBytes: Int { reduce(0) { $0 + $1.key.utf8.count + $1.value.textBytes } }
}

extension AttributeValue {
    fileprivate var textBytes: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        case .array(let values): values.reduce(0) { $0 + $1.textBytes }
        case .map(let values): values.reduce(0) { $0 + $1.key.utf8.count + $1.value.textBytes }
        case .int, .double, .bool, .empty: 8
        }
    }
}
