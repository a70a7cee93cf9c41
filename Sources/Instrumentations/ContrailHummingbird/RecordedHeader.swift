// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import TelemetryModel
internal import Tracing

/// A header that the user wants on spans.
struct RecordedHeader: Sendable {
    let name: HTTPField.Name

    /// Nil for headers that carry secrets: those are never recorded, whoever asks.
    init?(_ name: HTTPField.Name) {
        guard !SecretNames.contains(name.canonicalName) else { return nil }
        self.name = name
    }

    /// `http.request.header.<key>`: "The key being the normalized HTTP header name (lowercase), the value
    /// being the header values", always an array.
    func record(_ fields: HTTPFields, _ prefix: String, into attributes: inout SpanAttributes) {
        let values = fields[values: name]
        guard !values.isEmpty else { return }
        attributes[prefix + name.canonicalName] = values
    }
}
