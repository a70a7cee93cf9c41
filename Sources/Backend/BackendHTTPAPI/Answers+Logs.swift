// SPDX-License-Identifier: Apache-2.0

internal import OTLPWire
internal import TelemetryModel
internal import TelemetryStorage

extension Answers {
    static func page(_ page: LogPage) -> JSONValue {
        [
            "logs": .array(page.logs.map(log)),
            "nextCursor": page.next.map { .string($0) } ?? .null,
        ]
    }

    private static func log(_ log: StoredLog) -> JSONValue {
        let record = log.record
        return [
            "timeUnixNano": .decimal(record.effectiveTimeUnixNano),
            "service": .string(log.resource.serviceName ?? Resource.unknownServiceName),
            "severity": record.severity.name.map { .string($0) } ?? .null,
            "text": .string(record.bodyText),
            "traceId": record.traceID.map { .string($0.hex) } ?? .null,
            "spanId": record.spanID.map { .string($0.hex) } ?? .null,
            "resource": .json(OTLPJSON.encode(log.resource)), "scope": .json(OTLPJSON.encode(log.scope)),
            "record": .json(OTLPJSON.encode(record)),
        ]
    }
}
