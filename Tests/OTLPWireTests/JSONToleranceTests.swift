// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Testing

@Suite("Wire: JSON of other senders")
struct JSONToleranceTests {
    private func span(_ text: String) throws(WireError) -> SpanData {
        try OTLPJSON.decode(SpanData.self, from: Array(text.utf8))
    }

    private func value(_ text: String) throws(WireError) -> AttributeValue {
        try OTLPJSON.decode(AttributeValue.self, from: Array(text.utf8))
    }

    @Test("ids are hexadecimal of either case; anything else is the invalid id and costs no request")
    func ids() throws {
        let decoded = try span(
            #"{"traceId":"4BF92f3577b34da6a3ce929d0e0e4736","spanId":"00F067AA0BA902B7","parentSpanId":""}"#)
        #expect(decoded.traceID.hex == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(decoded.spanID.hex == "00f067aa0ba902b7")
        #expect(decoded.parentSpanID == nil)
        let base64 = try span(
            #"{"traceId":"S/kvNXezTaajzpKdDg5HNg==","spanId":"xyz","parentSpanId":"0000000000000000"}"#)
        #expect(base64.traceID == .invalid && base64.spanID == .invalid && base64.parentSpanID == nil)
    }

    @Test(
        "an integer is read from a string or a number, in any form that is an integer",
        arguments: [
            "7", #""7""#, "7.0", "7e0", "70E-1", "0.7e+1", #""7.0""#, "7.000000000000000000000000000e0",
        ])
    func integers(text: String) throws {
        #expect(try value(#"{"intValue":\#(text)}"#) == 7)
        #expect(try span(#"{"startTimeUnixNano":\#(text),"flags":\#(text)}"#).flags == 7)
    }

    @Test("integers reach the ends of their ranges, and no further")
    func ranges() throws {
        #expect(try value(#"{"intValue":"-9223372036854775808"}"#) == .int(.min))
        #expect(try value(#"{"intValue":9223372036854775807}"#) == .int(.max))
        #expect(try span(#"{"endTimeUnixNano":18446744073709551615}"#).endTimeUnixNano == .max)
        #expect(try value(#"{"intValue":-0}"#) == 0)
        for text in ["9223372036854775808", "-9223372036854775809", "1e19"] {
            #expect(throws: WireError.self) { try value(#"{"intValue":\#(text)}"#) }
        }
        for text in ["-1", "4294967296", "18446744073709551616"] {
            #expect(throws: WireError.self) { try span(#"{"flags":\#(text)}"#) }
        }
    }

    @Test(
        "a double is read exactly",
        arguments: [
            "0", "-0.0", "1", "0.1", "1e22", "1e23", "9007199254740993", "2.2250738585072011e-308", "5e-324",
            "1.7976931348623157e308", "123456789012345678901234567890", "1e-400", "0.30000000000000004",
            "100000000000000000000000000000000000000000000000001e-40",
        ])
    func doubles(text: String) throws {
        let expected = try #require(Double(text))
        for form in [text, "\"\(text)\""] {
            guard case .double(let read) = try value(#"{"doubleValue":\#(form)}"#) else {
                Issue.record("no double")
                continue
            }
            #expect(read.bitPattern == expected.bitPattern)
        }
    }

    @Test("doubles that are no numbers stand in strings")
    func notNumbers() throws {
        #expect(try value(#"{"doubleValue":"NaN"}"#) == .double(.nan))
        #expect(try value(#"{"doubleValue":"Infinity"}"#) == .double(.infinity))
        #expect(try value(#"{"doubleValue":"-Infinity"}"#) == .double(-.infinity))
        #expect(throws: WireError.self) { try value(#"{"doubleValue":"inf"}"#) }
        #expect(throws: WireError.self) { try value(#"{"doubleValue":NaN}"#) }
        #expect(throws: WireError.self) { try value(#"{"doubleValue":1e999}"#) }
    }

    @Test(
        "base64 is read in both alphabets, with and without padding",
        arguments: ["+/8=", "-_8=", "+/8", "-_8", "\\u002b\\/8="])
    func base64(text: String) throws {
        #expect(try value(#"{"bytesValue":"\#(text)"}"#) == .bytes([0xfb, 0xff]))
    }

    @Test(
        "what is not base64 is an error", arguments: ["A", "AAAAA", "A=", "AA=A", "AA===", "A!==", "AAA=="])
    func badBase64(text: String) {
        #expect(throws: WireError(.invalidBase64, offset: 14, path: "bytesValue")) {
            try value(#"{"bytesValue":"\#(text)"}"#)
        }
    }

    @Test("unknown keys are skipped with all that is in them, and snake_case is unknown")
    func unknownKeys() throws {
        let decoded = try span(
            #"""
            { "x" : {"y":[1,{"z":null},"\u0041\"",true,false,-1.5e3]}, "name" : "a" ,
              "start_time_unix_nano":"5", "kind":2,"w":[] , "v":{}}
            """#)
        #expect(decoded.name == "a")
        #expect(decoded.kind == .server)
        #expect(decoded.startTimeUnixNano == 0)
    }

    @Test("null is absent, everywhere")
    func null() throws {
        let decoded = try span(
            #"""
            {"traceId":null,"name":null,"kind":null,"startTimeUnixNano":null,"attributes":null,"status":null,
             "events":[]}
            """#
        )
        #expect(decoded.traceID == .invalid && decoded.attributes.isEmpty && decoded.status.code == .unset)
        #expect(try value(#"{"stringValue":null,"intValue":"3"}"#) == 3)
        #expect(try value(#"{"arrayValue":{"values":[null]}}"#) == [.empty])
    }

    @Test("of a key that stands twice the last one counts")
    func duplicates() throws {
        #expect(try span(#"{"name":"a","kind":1,"name":"b"}"#).name == "b")
        let attributes = try span(#"{"attributes":[{"key":"a"}],"attributes":[{"key":"b"}]}"#).attributes
        #expect(attributes.map(\.key) == ["b"])
    }

    @Test("keys may stand in any order and be written with escapes")
    func keys() throws {
        let decoded = try span(#"{"flags":1,"n\u0061me":"a","kind":5,"traceState":"x"}"#)
        #expect(decoded.name == "a" && decoded.flags == 1 && decoded.kind == .consumer)
    }

    @Test(
        "escapes are resolved, and half a pair of surrogates is repaired",
        arguments: [
            (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"), (#"\u00e9\u6f22"#, "é漢"),
            (#"\uD83D\uDE00"#, "😀"),
            (#"\uD83D"#, "\u{fffd}"), (#"\uDE00x"#, "\u{fffd}x"), (#"\uD83D\u0041"#, "\u{fffd}A"),
            (#"\uD83D\uD83D\uDE00"#, "\u{fffd}😀"), ("ü\u{7f}\u{2028}", "ü\u{7f}\u{2028}"),
        ])
    func escapes(text: String, expected: String) throws {
        #expect(try span("{\"name\":\"\(text)\"}").name == expected)
    }

    @Test("text that is not UTF-8 is repaired")
    func repairsText() throws {
        let bytes = Array(#"{"name":"a"#.utf8) + [0xff] + Array(#"b"}"#.utf8)
        #expect(try OTLPJSON.decode(SpanData.self, from: bytes).name == "a\u{fffd}b")
    }

    @Test("enumerations are integers; a name is understood, an unknown number is the default")
    func enumerations() throws {
        #expect(try span(#"{"kind":"2"}"#).kind == .server)
        #expect(try span(#"{"kind":"SPAN_KIND_CLIENT"}"#).kind == .client)
        #expect(try span(#"{"status":{"code":"STATUS_CODE_ERROR"}}"#).status.code == .error)
        #expect(try span(#"{"kind":99}"#).kind == .unspecified)
        #expect(throws: WireError(.unknownEnumName, offset: 8, path: "kind")) {
            try span(#"{"kind":"CLIENT"}"#)
        }
    }

    static let broken: [(String, WireError)] = [
        ("", WireError(.truncated, offset: 0)),
        ("  ", WireError(.truncated, offset: 2)),
        ("[]", WireError(.expected(.object), offset: 0)),
        ("{", WireError(.truncated, offset: 1)),
        ("{}x", WireError(.trailingBytes, offset: 2)),
        (#"{"name":1}"#, WireError(.expected(.string), offset: 8, path: "name")),
        (#"{"name":"a",}"#, WireError(.expected(.key), offset: 12, path: "name")),
        (#"{"name" "a"}"#, WireError(.expected(.colon), offset: 8)),
        (#"{"name":"a" "kind":1}"#, WireError(.expected(.commaOrBrace), offset: 12, path: "name")),
        (#"{"name":"\x"}"#, WireError(.invalidString, offset: 10, path: "name")),
        (#"{"name":"\u00g0"}"#, WireError(.invalidString, offset: 11, path: "name")),
        ("{\"name\":\"a\nb\"}", WireError(.invalidString, offset: 10, path: "name")),
        (#"{"flags":01}"#, WireError(.invalidNumber, offset: 9, path: "flags")),
        (#"{"flags":1.}"#, WireError(.invalidNumber, offset: 9, path: "flags")),
        (#"{"flags":1.5}"#, WireError(.expected(.integer), offset: 9, path: "flags")),
        (#"{"flags":true}"#, WireError(.expected(.number), offset: 9, path: "flags")),
        (#"{"x":nul}"#, WireError(.expected(.value), offset: 5)),
        (#"{"x":}"#, WireError(.expected(.value), offset: 5)),
        (#"{"attributes":{}}"#, WireError(.expected(.array), offset: 14, path: "attributes")),
        (
            #"{"attributes":[{},{"value":{"boolValue":1}}]}"#,
            WireError(.expected(.bool), offset: 40, path: "attributes[1].value.boolValue")
        ),
        (
            #"{"attributes":[{} {}]}"#,
            WireError(.expected(.commaOrBracket), offset: 18, path: "attributes[1]")
        ),
        (
            #"{"events":[{"timeUnixNano":"x"}]}"#,
            WireError(.invalidNumber, offset: 27, path: "events[0].timeUnixNano")
        ),
    ]

    @Test("an error says where the text went wrong, and in which field", arguments: broken)
    func errors(text: String, error: WireError) {
        #expect(throws: error) { try span(text) }
    }
}
