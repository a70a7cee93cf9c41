// SPDX-License-Identifier: Apache-2.0

/// How the messages of a request, and of its answer, are written.
package enum OTLPEncoding: Hashable, Sendable, CaseIterable {
    case protobuf
    case json

    /// The media type without parameters.
    package var mediaType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    /// Reads a `Content-Type`; parameters such as `charset=utf-8` and the case are ignored. Nil for any other
    /// type.
    package init?(contentType: String) {
        let type = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard let match = Self.allCases.first(where: { $0.mediaType == type }) else { return nil }
        self = match
    }
}
