// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel

/// Which span hangs on which, after what cannot be a tree has been taken apart. Indices are positions of
/// input.
struct SpanLinks {
    struct Entry {
        let span: SpanData
        /// Index into ``SpanLinks/services``. Equal resources share one index: they share one clock.
        let resource: Int
    }

    private struct ProcessSpan: Hashable {
        let id: SpanID
        let resource: Int
    }

    let entries: [Entry]
    let services: [String]
    private(set) var parent: [Int?]
    private(set) var place: [TraceTree.Place]
    private(set) var sharesSpanID: [Bool]
    /// Members of each circle, the one at which it was opened first.
    private(set) var cycles: [[Int]] = []
    /// Children of span `i` are `childList[childStart[i]..<childStart[i + 1]]`.
    private var childStart: [Int] = []
    private var childList: [Int] = []

    init(_ resourceSpans: [ResourceSpans]) {
        var entries: [Entry] = []
        var services: [String] = []
        var known: [Resource: Int] = [:]
        for group in resourceSpans {
            let resource = known[group.resource, default: services.count]
            if resource == services.count {
                known[group.resource] = resource
                services.append(group.resource.serviceName ?? Resource.unknownServiceName)
            }
            for scope in group.scopeSpans {
                for span in scope.spans { entries.append(Entry(span: span, resource: resource)) }
            }
        }
        self.entries = entries
        self.services = services
        parent = Array(repeating: nil, count: entries.count)
        place = Array(repeating: .root, count: entries.count)
        sharesSpanID = Array(repeating: false, count: entries.count)
        findParents()
        openCycles()
        collectChildren()
    }

    var roots: [Int] { parent.indices.filter { parent[$0] == nil } }

    func children(of index: Int) -> ArraySlice<Int> { childList[childStart[index]..<childStart[index + 1]] }

    private mutating func findParents() {
        // Two dictionaries, because ids that stand twice are rare and an array for each id would be dear.
        var earliest: [SpanID: Int] = [:]
        earliest.reserveCapacity(entries.count)
        var sharing: [SpanID: [Int]] = [:]
        for index in entries.indices {
            let id = entries[index].span.spanID
            guard let first = earliest[id] else {
                earliest[id] = index
                continue
            }
            sharing[id, default: [first]].append(index)
            if isBefore(index, first) { earliest[id] = index }
        }
        var ofProcess: [ProcessSpan: Int] = [:]
        for (id, indices) in sharing {
            for index in indices {
                sharesSpanID[index] = true
                let key = ProcessSpan(id: id, resource: entries[index].resource)
                if let known = ofProcess[key], isBefore(known, index) { continue }
                ofProcess[key] = index
            }
        }
        for index in entries.indices {
            let entry = entries[index]
            guard let parentID = entry.span.parentSpanID, parentID.isValid else { continue }
            if parentID == entry.span.spanID {
                place[index] = .cycle
                cycles.append([index])
            } else if let first = earliest[parentID] {
                // Of several spans with the parent's id, the one of the same process is the likely parent.
                parent[index] =
                    ofProcess[ProcessSpan(id: parentID, resource: entry.resource)] ?? first
                place[index] = .child
            } else {
                place[index] = .orphan
            }
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let (one, other) = (entries[left].span, entries[right].span)
        return (one.startTimeUnixNano, one.spanID.value, left)
            < (other.startTimeUnixNano, other.spanID.value, right)
    }

    private mutating func openCycles() {
        enum Mark { case new, onPath, done }
        var marks = Array(repeating: Mark.new, count: entries.count)
        var path: [Int] = []
        for start in entries.indices where marks[start] == .new {
            path.removeAll(keepingCapacity: true)
            var next: Int? = start
            while let index = next, marks[index] == .new {
                marks[index] = .onPath
                path.append(index)
                next = parent[index]
            }
            if let entrance = next, marks[entrance] == .onPath, let from = path.firstIndex(of: entrance) {
                open(Array(path[from...]))
            }
            for index in path { marks[index] = .done }
        }
    }

    private mutating func open(_ members: [Int]) {
        guard let head = members.min(by: isBefore) else { return }
        parent[head] = nil
        place[head] = .cycle
        cycles.append([head] + members.filter { $0 != head })
    }

    private mutating func collectChildren() {
        childStart = Array(repeating: 0, count: entries.count + 1)
        for case let parent? in parent { childStart[parent + 1] += 1 }
        for index in entries.indices { childStart[index + 1] += childStart[index] }
        childList = Array(repeating: 0, count: childStart.last ?? 0)
        var free = childStart
        for (index, parent) in parent.enumerated() {
            guard let parent else { continue }
            childList[free[parent]] = index
            free[parent] += 1
        }
    }
}
