// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// What a span is called in a tree: `GET  items → pricing`, `INSERT items  (sqlite)`, `validate_input`.
package struct SpanLabel: Hashable, Sendable {
    package let name: String
    /// The database or messaging system it speaks to.
    package let system: String?
    package let service: String
    /// For a call to somewhere else: where to.
    package let peer: String?

    package init(of node: TraceTree.Node, in tree: TraceTree) {
        let span = node.span
        name = span.name.isEmpty ? "(no name)" : span.name
        service = node.service
        guard span.kind == .client || span.kind == .producer || span.kind == .consumer else {
            system = nil
            peer = nil
            return
        }
        // Semantic conventions 1.44 name "db.system.name"; "db.system" is what programs before 1.30 send.
        system = span.text("db.system.name") ?? span.text("db.system") ?? span.text("messaging.system")
        guard span.kind == .client, system == nil else {
            peer = nil
            return
        }
        let called = node.children.lazy.map { tree.nodes[$0] }.first {
            $0.span.kind == .server && $0.service != node.service
        }
        peer =
            called?.service ?? span.text("service.peer.name") ?? span.text("peer.service")
            ?? span.address
    }

    /// One line, names as received. The service is told where it matters: `withService`, and in calls.
    package func text(withService: Bool) -> String {
        var text = name
        if let system { text += "  (\(system))" }
        if let peer {
            text += "  \(service) → \(peer)"
        } else if withService {
            text += "  \(service)"
        }
        return text
    }
}

extension TraceTree {
    /// The label of a node as the tree shows it: the service where it differs from the parent's.
    package func labelText(of index: Int) -> String {
        let node = nodes[index]
        let parentService = node.parent.map { nodes[$0].service }
        return SpanLabel(of: node, in: self).text(withService: parentService != node.service)
    }
}

extension SpanData {
    fileprivate func text(_ key: String) -> String? {
        guard case .string(let value)? = attributes[key], !value.isEmpty else { return nil }
        return value
    }

    /// `server.address` with the port where it tells something.
    fileprivate var address: String? {
        guard let host = text("server.address") ?? text("net.peer.name") else { return nil }
        guard case .int(let port)? = attributes["server.port"] ?? attributes["net.peer.port"],
            port != 80, port != 443
        else { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Why it failed in a few words: the status message, else what the conventions offer; nil when it did
    /// not.
    package var failureText: String? {
        guard status.code == .error else { return nil }
        if !status.message.isEmpty { return status.message }
        if let exception = exceptionText { return exception }
        if case .int(let code)? = attributes["http.response.status_code"] { return "\(code)" }
        return text("error.type") ?? ""
    }

    // Semantic conventions 1.44, "Exceptions on spans": an event named "exception" with at least one of
    // "exception.type" and "exception.message". Of several the last one ended the span.
    private var exceptionText: String? {
        guard let event = events.last(where: { $0.name == "exception" }) else { return nil }
        let parts = ["exception.type", "exception.message"].compactMap { key -> String? in
            guard case .string(let value)? = event.attributes[key], !value.isEmpty else { return nil }
            return value
        }
        return parts.isEmpty ? nil : parts.joined(separator: ": ")
    }
}
