// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel
internal import TelemetryStorage

extension TraceQuery {
    init(_ arguments: APIArguments, now: UInt64) throws(APIError) {
        let times = try arguments.times(now: now)
        self.init(
            service: arguments.text("service"), operation: arguments.text("operation"),
            startTimeMin: times.min, startTimeMax: times.max,
            durationMin: arguments.nanoseconds("minDuration"),
            durationMax: arguments.nanoseconds("maxDuration"), status: arguments.status("status"),
            attributes: arguments.attributes("attribute"),
            limit: arguments.count("limit") ?? Self.limitDefault, cursor: arguments.text("cursor"))
        if let least = durationMin, let most = durationMax, least > most {
            throw APIError(
                .badParameter, "maxDuration: is less than minDuration, so nothing can match",
                parameter: "maxDuration")
        }
    }
}

extension LogQuery {
    init(_ arguments: APIArguments, now: UInt64) throws(APIError) {
        let times = try arguments.times(now: now)
        self.init(
            traceID: arguments.traceID("traceId"), spanID: arguments.spanID("spanId"),
            service: arguments.text("service"), severityMin: arguments.severity("severity"),
            timeMin: times.min, timeMax: times.max, text: arguments.text("text"),
            attributes: arguments.attributes("attribute"),
            limit: arguments.count("limit") ?? Self.limitDefault, cursor: arguments.text("cursor"))
    }
}

extension APIArguments {
    /// From `start`, `end` and `since`; nanoseconds since 1970 UTC.
    fileprivate func times(now: UInt64) throws(APIError) -> (min: UInt64?, max: UInt64?) {
        var least = nanoseconds("start")
        if let since = nanoseconds("since") {
            guard least == nil else {
                throw APIError(
                    .badParameter, "since: stands beside start; give one of them", parameter: "since")
            }
            least = now > since ? now - since : 0
        }
        let most = nanoseconds("end")
        if let least, let most, least > most {
            throw APIError(
                .badParameter, "end: lies before the start, so nothing can match", parameter: "end")
        }
        return (least, most)
    }
}
