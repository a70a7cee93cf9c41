// SPDX-License-Identifier: Apache-2.0

/// A host with its port, from a `Host` header, `:authority` or a forwarding header.
package struct HostAndPort: Hashable, Sendable {
    /// Name or address; IPv6 addresses without brackets.
    package let host: String
    /// Nil when the text names none.
    package let port: Int?

    /// Nil when the text names no host, or has a port that is no number from 1 to 65535.
    package init?(_ text: some StringProtocol) {
        let text = text.trimming(while: { $0 == " " || $0 == "\t" })
        let hostText: Substring
        var rest: Substring
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return nil }
            hostText = text[text.index(after: text.startIndex)..<close]
            rest = text[text.index(after: close)...]
        } else if let colon = text.firstIndex(of: ":") {
            // More than one colon without brackets: a bare IPv6 address.
            let after = text[text.index(after: colon)...]
            hostText = after.contains(":") ? text : text[..<colon]
            rest = after.contains(":") ? "" : text[colon...]
        } else {
            hostText = text
            rest = ""
        }
        guard !hostText.isEmpty else { return nil }
        host = String(hostText)
        guard !rest.isEmpty else {
            port = nil
            return
        }
        guard rest.removeFirst() == ":", let number = Int(rest), (1...65535).contains(number) else {
            return nil
        }
        port = number
    }
}

extension StringProtocol {
    func trimming(while remove: (Character) -> Bool) -> Substring {
        var text = Substring(self)
        text = text.drop(while: remove)
        while let last = text.last, remove(last) { text.removeLast() }
        return text
    }
}
