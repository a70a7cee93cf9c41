// SPDX-License-Identifier: Apache-2.0

import BackendHTTPAPI
import TelemetryModel
import TelemetryStorage
import Testing

@Suite("HTTP API: parameters")
struct ParameterTests {
    private func question(_ query: String) async throws -> TraceQuery {
        let store = ArrayStore()
        let answer = try await APIClient(store, now: 1_700_000_000_000_000_000).get("/api/v1/traces?\(query)")
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(store.questions.last)
    }

    @Test("no parameters ask for the newest traces of all services")
    func nothing() async throws {
        #expect(try await question("") == TraceQuery())
        #expect(try await question("service=&operation=&limit=&attribute=") == TraceQuery())
    }

    @Test("each parameter becomes its condition")
    func everything() async throws {
        let query =
            "service=shop%2Fitems&operation=POST+%2Fapi&start=2023-11-14T22:13:20Z&end=1700000001000000000"
            + "&minDuration=500ms&maxDuration=1.5s&status=error&attribute=http.route=/a=b"
            + "&attribute=n%3D200&attribute=event:n%3E1&limit=7&cursor=abc%2Bd"
        #expect(
            try await question(query)
                == TraceQuery(
                    service: "shop/items", operation: "POST /api",
                    startTimeMin: 1_700_000_000_000_000_000, startTimeMax: 1_700_000_001_000_000_000,
                    durationMin: 500_000_000, durationMax: 1_500_000_000, status: .error,
                    attributes: [
                        .init(key: "http.route", value: "/a=b"), .init(key: "n", value: "200"),
                        .init(key: "n", .greater, value: "1", in: .event),
                    ],
                    limit: 7, cursor: "abc+d"))
    }

    @Test("since counts back from now")
    func since() async throws {
        #expect(try await question("since=1h").startTimeMin == 1_699_996_400_000_000_000)
        #expect(try await question("since=100000d").startTimeMin == 0)
    }

    @Test(
        "a bad parameter is named, with what to write instead",
        arguments: [
            ("minDuration=5+parsecs", "minDuration", "is not a duration; write 500ms, 1.5s or 2m"),
            ("minDuration=500", "minDuration", "has no unit"),
            ("maxDuration=-1s", "maxDuration", "not a duration"),
            ("minDuration=99999999d", "minDuration", "longer than 584 years"),
            ("minDuration=2s&maxDuration=1s", "maxDuration", "less than minDuration"),
            ("start=yesterday", "start", "RFC 3339"), ("start=1700000000", "start", "19 digits"),
            ("start=2023-02-29T00:00:00Z", "start", "RFC 3339"),
            ("end=2023-11-14T22:13:20Z&start=2023-11-14T22:13:21Z", "end", "before the start"),
            ("since=1h&start=2023-11-14T22:13:20Z", "since", "beside start"),
            ("status=bad", "status", "error, ok"),
            ("limit=0", "limit", "from 1 to 1000"), ("limit=1001", "limit", "from 1 to 1000"),
            ("limit=ten", "limit", "from 1 to 1000"), ("attribute=http.route", "attribute", "key=value"),
            ("attribute==x", "attribute", "key=value"), ("attribute=event:=x", "attribute", "key=value"),
            ("attribute=log:a=x", "attribute", "may stand resource:, scope:, span:, event:, link:"),
            ("service=a&service=b", "service", "twice"),
            ("service=%FF", "service", "UTF-8"), ("service=%4", "service", "UTF-8"),
        ])
    func refused(query: String, parameter: String, message: String) async throws {
        let store = ArrayStore()
        let answer = try await APIClient(store).get("/api/v1/traces?\(query)")
        #expect(answer.status == 400)
        #expect(answer.error["code"] == "bad_parameter")
        #expect(answer.error["parameter"] == parameter)
        #expect(answer.error["message"]?.contains(message) == true, "\(answer.text)")
        #expect(answer.error["message"]?.hasPrefix("\(parameter): ") == true)
        #expect(store.questions == [])
    }

    @Test("the whole sentence of a bad duration")
    func sentence() async throws {
        let answer = try await APIClient(ArrayStore()).get("/api/v1/traces?minDuration=5%20parsecs")
        #expect(
            answer.text == #"""
                {"error":{"code":"bad_parameter","message":"minDuration: \"5 parsecs\" is not a duration; \#
                write 500ms, 1.5s or 2m","parameter":"minDuration"}}
                """#)
    }

    @Test(
        "an unknown parameter is refused with the nearest known one",
        arguments: [
            ("traces?minduration=1s", "did you mean minDuration?"),
            ("traces?min_duration=1s", "minDuration?"),
            ("traces?servce=a", "did you mean service?"), ("traces?tags=a", "did you mean attribute?"),
            ("traces?lookback=1h", "did you mean since?"), ("traces?whatever=1", "takes service, operation"),
            ("services?x=1", "/api/v1/services takes none"),
        ])
    func unknown(path: String, hint: String) async throws {
        let answer = try await APIClient(ArrayStore()).get("/api/v1/\(path)")
        #expect(answer.status == 400)
        #expect(answer.error["code"] == "unknown_parameter")
        #expect(answer.error["message"]?.contains(hint) == true, "\(answer.text)")
    }

    @Test("a cursor of another store is a bad parameter")
    func cursor() async throws {
        let store = ArrayStore(ArrayStore.Content(failure: .badCursor))
        let answer = try await APIClient(store).get("/api/v1/traces?cursor=abc")
        #expect(answer.status == 400)
        #expect(answer.error["parameter"] == "cursor")
    }

    @Test("a huge value is not sent back whole")
    func huge() async throws {
        let answer = try await APIClient(ArrayStore()).get(
            "/api/v1/traces?limit=\(String(repeating: "9", count: 5_000))")
        #expect(answer.status == 400)
        #expect(answer.body.count < 400)
    }

    @Test(
        "durations are exact",
        arguments: [
            ("0", 0), ("0s", 0), ("1ns", 1), ("250us", 250_000), ("250µs", 250_000), ("250μs", 250_000),
            ("500ms", 500_000_000), ("1.5s", 1_500_000_000), (".5s", 500_000_000), ("1.s", 1_000_000_000),
            ("2m", 120_000_000_000), ("1h30m", 5_400_000_000_000), ("1d", 86_400_000_000_000),
            ("0.000000001s", 1), ("0.0000000019s", 1), ("18446744073709551615ns", .max),
            ("18446744073.709551615s", .max),
        ] as [(String, UInt64)])
    func durations(text: String, nanoseconds: UInt64) throws {
        #expect(try ParameterSyntax.duration(text) == nanoseconds)
    }

    @Test(
        "what is no duration is refused",
        arguments: [
            "", " ", "s", ".s", "1", "1.5", "1 s", "1S", "1.2.3s", "1e3s", "+1s", "1s ", "１s", "inf", "1sm2",
            "18446744073709551616ns", "99999999999999999999999ns",
        ])
    func noDurations(text: String) {
        #expect(throws: ParameterSyntax.Refusal.self) { try ParameterSyntax.duration(text) }
    }

    @Test(
        "times are RFC 3339 or nanoseconds",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("0", 0), ("1700000000000000000", 1_700_000_000_000_000_000),
            ("2023-11-14T22:13:20Z", 1_700_000_000_000_000_000),
            ("2023-11-14t23:13:20.5+01:00", 1_700_000_000_500_000_000),
            ("2023-11-14 17:13:20.123456789123-05:00", 1_700_000_000_123_456_789),
            ("2023-11-14T23:13:20 01:00", 1_700_000_000_000_000_000),
            ("2000-02-29T00:00:00Z", 951_782_400_000_000_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000_000_000),
            ("2554-07-21T23:34:33Z", 18_446_744_073_000_000_000),
        ] as [(String, UInt64)])
    func times(text: String, nanoseconds: UInt64) throws {
        #expect(try ParameterSyntax.time(text) == nanoseconds)
    }

    @Test(
        "what is no time is refused",
        arguments: [
            "", "now", "2023-11-14", "2023-11-14T22:13Z", "2023-11-14T22:13:20", "2023-13-14T22:13:20Z",
            "2023-11-31T22:13:20Z", "1900-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "2023-11-14T24:00:00Z",
            "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20Zx", "9999-12-31T23:59:59Z", "1700000000000",
            "99999999999999999999",
        ])
    func noTimes(text: String) {
        #expect(throws: ParameterSyntax.Refusal.self) { try ParameterSyntax.time(text) }
    }
}
