// SPDX-License-Identifier: Apache-2.0

/// A request method as the conventions write it.
package struct HTTPRequestMethod: Hashable, Sendable {
    /// The value of `http.request.method`: the method itself when it is known, else `_OTHER`.
    package let value: String
    /// The value of `http.request.method_original`; nil when it does not differ.
    package let original: String?
    /// The method in a span's name.
    ///
    /// Semantic conventions 1.44, "HTTP spans", "Name": `{method}` MUST be `{http.request.method}` if the
    /// method represents the original method known to the instrumentation; else it MUST be `HTTP`.
    package var nameInSpan: String { original == nil ? value : "HTTP" }

    /// "HTTP method names are case-sensitive", so `get` is not `GET`.
    package init(_ method: String) {
        if Self.known.contains(method) {
            value = method
            original = nil
        } else {
            value = "_OTHER"
            // A client may send any token of any length here; a span keeps no more than its beginning.
            original = String(method.prefix(Self.originalCharactersMax))
        }
    }

    /// Characters of an unknown method that are kept; the rest is cut.
    package static let originalCharactersMax = 64

    // Methods of RFC 9110, PATCH of RFC 5789, and QUERY.
    private static let known: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY",
    ]
}
