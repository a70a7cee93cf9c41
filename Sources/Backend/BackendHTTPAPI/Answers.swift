// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel
internal import TelemetryStorage
internal import TraceAnalysis

/// The bodies of the API, in the shapes that ``APISchema`` describes.
enum Answers {
    static func operations(_ operations: [Operation]) -> JSONValue {
        let list = operations.map { operation -> JSONValue in
            ["name": .string(operation.name), "kind": .string(operation.kind.word)]
        }
        return ["operations": .array(list)]
    }

    static func receivers(_ receivers: BackendHTTPAPI.Receivers) -> JSONValue {
        ["grpcPort": .int(receivers.grpcPort), "httpPort": .int(receivers.httpPort)]
    }

    static func store(_ status: StoreStatus) -> JSONValue {
        func count(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? .null }
        func decimal(_ value: Int?) -> JSONValue { value.map { .decimal(Int64($0)) } ?? .null }
        return [
            "directory": status.directory.map { .string($0) } ?? .null,
            "spanCount": decimal(status.spanCount), "blockCount": count(status.blockCount),
            "journalSpanCount": count(status.journalSpanCount), "journalBytes": decimal(status.journalBytes),
            "diskBytes": decimal(status.diskBytes), "diskFreeBytes": decimal(status.diskFreeBytes),
            "deletedSpanCount": .decimal(Int64(status.deletedSpanCount)),
            "deletedLogRecordCount": .decimal(Int64(status.deletedLogRecordCount)),
            "damagedBlockCount": .int(status.damagedBlockCount),
            "damages": .array(status.damages.map { .string($0) }),
        ]
    }

    static func page(_ page: TracePage) -> JSONValue {
        [
            "traces": .array(page.traces.map(summary)),
            "nextCursor": page.next.map { .string($0) } ?? .null,
        ]
    }

    private static func summary(_ trace: TraceSummary) -> JSONValue {
        let services = trace.services.map { service -> JSONValue in
            [
                "name": .string(service.name), "spanCount": .int(service.spanCount),
                "errorCount": .int(service.errorCount),
            ]
        }
        return [
            "traceId": .string(trace.traceID.hex), "rootService": .string(trace.rootService),
            "rootOperation": .string(trace.rootOperation),
            "startTimeUnixNano": .decimal(trace.startTimeUnixNano),
            "durationNano": .decimal(trace.durationNano), "spanCount": .int(trace.spanCount),
            "errorCount": .int(trace.errorCount), "services": .array(services),
        ]
    }

    static func analysis(of tree: TraceTree, id: TraceID?) -> JSONValue {
        let breakdown = TimeBreakdown(tree)
        let start = tree.nodes.lazy.map(\.startTimeUnixNano).min() ?? 0
        let end = tree.nodes.lazy.map(\.endTimeUnixNano).max() ?? 0
        return [
            "traceId": .string((id ?? .invalid).hex), "spanCount": .int(tree.nodes.count),
            "startTimeUnixNano": .decimal(start), "durationNano": .decimal(end - start),
            "root": breakdown.map { .int(tree.nodes[$0.root].position) } ?? .null,
            "rootDurationNano": .decimal(breakdown?.totalNano ?? 0),
            "warnings": .array(tree.warnings.map { warning($0, in: tree) }),
            "breakdown": .array((breakdown?.groups ?? []).map { group($0, of: breakdown?.totalNano ?? 0) }),
            "criticalPath": .array((breakdown?.segments ?? []).map { segment($0, in: tree) }),
            "spans": .array(spans(of: tree, breakdown)),
        ]
    }

    private static func warning(_ warning: TraceWarning, in tree: TraceTree) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("code", .string(warning.code.rawValue)), ("message", .string(warning.message)),
            ("spans", .array(warning.nodes.map { .int(tree.nodes[$0].position) })),
        ]
        if let amount = warning.amountNano { members.append(("amountNano", .decimal(amount))) }
        return .object(members)
    }

    private static func group(_ group: TimeBreakdown.Group, of total: UInt64) -> JSONValue {
        [
            "service": .string(group.service), "label": .string(group.label),
            "durationNano": .decimal(group.durationNano), "percent": .int(group.percent),
            "share": .double(total == 0 ? 1 : Double(group.durationNano) / Double(total)),
            "spanCount": .int(group.spanCount),
        ]
    }

    private static func segment(_ segment: TimeBreakdown.Segment, in tree: TraceTree) -> JSONValue {
        [
            "span": .int(tree.nodes[segment.node].position),
            "spanId": .string(tree.nodes[segment.node].span.spanID.hex),
            "startTimeUnixNano": .decimal(segment.startTimeUnixNano),
            "durationNano": .decimal(segment.durationNano),
        ]
    }

    private static func spans(of tree: TraceTree, _ breakdown: TimeBreakdown?) -> [JSONValue] {
        let selfTimes = tree.selfTimes()
        let criticalTimes = breakdown?.criticalTimes(nodeCount: tree.nodes.count)
        return tree.nodes.indices.map { index in
            let node = tree.nodes[index]
            return [
                "span": .int(node.position), "spanId": .string(node.span.spanID.hex),
                "parent": node.parent.map { .int(tree.nodes[$0].position) } ?? .null,
                "depth": .int(node.depth), "place": .string(node.place.rawValue),
                "service": .string(node.service), "label": .string(tree.labelText(of: index)),
                "startTimeUnixNano": .decimal(node.startTimeUnixNano),
                "durationNano": .decimal(node.endTimeUnixNano - node.startTimeUnixNano),
                "clockOffsetNano": .decimal(node.clockOffsetNano),
                "selfTimeNano": .decimal(selfTimes[index]),
                "criticalTimeNano": .decimal(criticalTimes?[index] ?? 0),
            ]
        }
    }
}
