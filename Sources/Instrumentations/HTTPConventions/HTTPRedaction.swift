// SPDX-License-Identifier: Apache-2.0

/// Takes secrets out of URLs before they become attributes.
///
/// Source: semantic conventions 1.44, `url.full` and `url.query`.
package enum HTTPRedaction {
    /// What stands in place of a secret.
    package static let replacement = "REDACTED"

    // "Query string values for the following keys SHOULD be redacted by default"; the comparison is
    // case-sensitive.
    private static let secretKeys: Set<Substring> = [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig",
        "X-Goog-Signature",
    ]

    /// The query without the values of signature parameters; keys and everything else stay as they are.
    package static func query(_ query: String) -> String {
        guard query.contains("=") else { return query }
        var redacted = false
        let fields = query.split(separator: "&", omittingEmptySubsequences: false).map { field -> Substring in
            guard let equals = field.firstIndex(of: "="), equals != field.indices.last,
                secretKeys.contains(field[..<equals])
            else { return field }
            redacted = true
            return field[...equals] + replacement
        }
        return redacted ? fields.joined(separator: "&") : query
    }

    /// An absolute URL without user, password and the values of signature parameters.
    package static func url(_ url: String) -> String {
        var head = url[...]
        var fragment = url[url.endIndex...]
        if let hash = head.firstIndex(of: "#") {
            fragment = head[hash...]
            head = head[..<hash]
        }
        var tail = ""
        if let question = head.firstIndex(of: "?") {
            tail = "?" + query(String(head[head.index(after: question)...]))
            head = head[..<question]
        }
        return userInformation(String(head)) + tail + fragment
    }

    /// "In such case username and password SHOULD be redacted and attribute's value SHOULD be
    /// `https://REDACTED:REDACTED@www.example.com/`."
    private static func userInformation(_ url: String) -> String {
        guard let slashes = url.firstRange(of: "://") else { return url }
        let authority = url[slashes.upperBound...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return url }
        let hidden = authority[..<at].contains(":") ? "\(replacement):\(replacement)" : replacement
        return url[..<slashes.upperBound] + hidden + url[at...]
    }
}
