// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Instrumentation

/// Reads context from the fields of a request.
struct HTTPFieldsExtractor: Extractor {
    /// Several fields of one name come back joined by a comma.
    ///
    /// W3C Trace Context, "tracestate": "Multiple tracestate header fields MUST be handled as specified by
    /// RFC7230 Section 3.2.2 Field Order." Two `traceparent` fields become one text that no propagator takes
    /// for valid.
    func extract(key: String, from fields: HTTPFields) -> String? {
        guard let name = HTTPField.Name(key) else { return nil }
        return fields[name]
    }
}
