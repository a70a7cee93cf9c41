// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@testable import ZipkinExporter

@Suite("Zipkin: the mapping")
struct ZipkinJSONTests {
    private func json(
        _ change: (inout SpanData) -> Void = { _ in },
        resource: Resource = Resource(attributes: ["service.name": "items"]),
        scope: InstrumentationScope = .init(name: "")
    ) -> String {
        var span = SpanData(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), name: "n",
            startTimeUnixNano: 1_000_000,
            endTimeUnixNano: 3_000_000)
        change(&span)
        return text([ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(scope: scope, spans: [span])])]
        )
    }

    private func text(_ resourceSpans: [ResourceSpans]) -> String {
        String(decoding: ZipkinJSON.encode(resourceSpans), as: UTF8.self)
    }

    @Test("a span with everything becomes this JSON")
    func golden() {
        let text = json(
            { span in
                span.parentSpanID = SpanID(value: 4)
                span.name = "GET \"x\"\n"
                span.kind = .client
                span.attributes = [
                    "http.response.status_code": 200, "cached": true, "ratio": 0.5, "ids": [1, "a", false],
                    "server.address": "pricing",
                ]
                span.events = [
                    SpanEvent(timeUnixNano: 1_500_999, name: "plain"),
                    SpanEvent(
                        timeUnixNano: 2_000_000, name: "my-event", attributes: ["key1": "value1", "key2": 2]),
                ]
                span.status = SpanStatus(code: .error, message: "refused")
                (span.droppedAttributesCount, span.droppedEventsCount, span.droppedLinksCount) = (1, 2, 3)
            },
            resource: Resource(attributes: ["service.name": "items", "service.namespace": "shop"]),
            scope: InstrumentationScope(name: "http", version: "1.2", attributes: ["team": "a"]))
        let expected =
            #"[{"traceId":"00000000000000010000000000000002","parentId":"0000000000000004","#
            + #""id":"0000000000000003","kind":"CLIENT","name":"GET \"x\"\n","timestamp":1000,"duration":2000,"#
            + #""localEndpoint":{"serviceName":"items"},"remoteEndpoint":{"serviceName":"pricing"},"#
            + #""annotations":[{"timestamp":1500,"value":"plain"},"#
            + #"{"timestamp":2000,"value":"\"my-event\":{\"key1\":\"value1\",\"key2\":2}"}],"#
            + #""tags":{"team":"a","otel.scope.name":"http","otel.scope.version":"1.2","otel.library.name":"http","#
            + #""otel.library.version":"1.2","service.namespace":"shop","http.response.status_code":"200","#
            + #""cached":"true","ratio":"0.5","ids":"[1,\"a\",false]","server.address":"pricing","#
            + #""otel.status_code":"ERROR","error":"refused","otel.dropped_attributes_count":"1","#
            + #""otel.dropped_events_count":"2","otel.dropped_links_count":"3"}}]"#
        #expect(text == expected, "\n\(text)\n\(expected)")
    }

    @Test("what is empty in the span is not in the JSON")
    func empty() {
        #expect(
            json()
                == #"[{"traceId":"00000000000000010000000000000002","id":"0000000000000003","name":"n","#
                + #""timestamp":1000,"duration":2000,"localEndpoint":{"serviceName":"items"}}]"#)
        #expect(text([]) == "[]")
    }

    @Test("the service name is that of the resource, without one the default")
    func serviceName() {
        #expect(json().contains(#""localEndpoint":{"serviceName":"items"}"#))
        #expect(json(resource: Resource()).contains(#""localEndpoint":{"serviceName":"unknown_service"}"#))
        let namespace = json(resource: Resource(attributes: ["service.name": "a", "service.namespace": "b"]))
        #expect(namespace.contains(#""serviceName":"a""#))
        #expect(namespace.contains(#""service.namespace":"b""#))
    }

    @Test(
        "each kind has its name, internal ones none",
        arguments: [
            (SpanKind.client, "CLIENT"), (.server, "SERVER"), (.producer, "PRODUCER"),
            (.consumer, "CONSUMER"),
            (.internal, nil), (.unspecified, nil),
        ] as [(SpanKind, String?)])
    func kinds(kind: SpanKind, name: String?) {
        let text = json { $0.kind = kind }
        if let name {
            #expect(text.contains(#""kind":"\#(name)""#))
        } else {
            #expect(!text.contains("kind"))
        }
    }

    @Test("the scope is reported under its name and under the older one, with its attributes")
    func scopes() {
        let text = json(scope: InstrumentationScope(name: "lib", version: "2", attributes: ["a": 1]))
        #expect(text.contains(#""otel.scope.name":"lib","otel.scope.version":"2""#))
        #expect(text.contains(#""otel.library.name":"lib","otel.library.version":"2""#))
        #expect(text.contains(#""a":"1""#))
        #expect(json { $0.attributes = ["a": "own"] }.contains(#""a":"own""#))
        #expect(!json().contains("otel."))
    }

    @Test("truth values are lower-case words")
    func booleans() {
        #expect(
            json { $0.attributes = ["yes": true, "no": false] }.contains(
                #""tags":{"yes":"true","no":"false"}"#))
    }

    @Test("arrays, maps and bytes are text as the specification writes them")
    func nested() {
        let value: AttributeValue = [
            1, "a\"", .double(.infinity), .empty, .bytes([0x68, 0x69]), ["k": [true]],
        ]
        #expect(value.text == #"[1,"a\"","Infinity",null,"aGk=",{"k":[true]}]"#)
        #expect(AttributeValue.double(.nan).text == "NaN")
        #expect(AttributeValue.double(-.infinity).text == "-Infinity")
        #expect(AttributeValue.bytes(Array("hello world".utf8)).text == "aGVsbG8gd29ybGQ=")
        #expect(AttributeValue.empty.text == "")
    }

    @Test("the status is a tag, and nothing when it is unset")
    func status() {
        #expect(json { $0.status = SpanStatus(code: .ok) }.contains(#""tags":{"otel.status_code":"OK"}"#))
        #expect(!json().contains("otel.status_code"))
    }

    @Test("only a failed span has the tag error, with the description, empty for none")
    func errorStatus() {
        #expect(
            json { $0.status = SpanStatus(code: .error) }.contains(#""otel.status_code":"ERROR","error":"""#))
        #expect(json { $0.status = SpanStatus(code: .error, message: "no") }.contains(#""error":"no""#))
        for value in [AttributeValue.bool(false), "false"] {
            #expect(!json { $0.attributes = ["error": value, "a": 1] }.contains(#""error""#))
        }
        let both = json {
            $0.attributes = ["error": "x"]
            $0.status = SpanStatus(code: .error, message: "y")
        }
        #expect(both.contains(#""error":"y""#))
        #expect(!both.contains(#""error":"x""#))
    }

    @Test("events become annotations whose text holds the attributes as JSON")
    func annotations() {
        let text = json {
            $0.events = [
                SpanEvent(timeUnixNano: 5_999, name: "e", attributes: ["k": "v"], droppedAttributesCount: 2)
            ]
        }
        #expect(
            text.contains(
                #"{"timestamp":5,"value":"\"e\":{\"k\":\"v\",\"otel.dropped_attributes_count\":2}"}"#),
            "\(text)")
    }

    @Test(
        "times are whole microseconds, a duration at least one",
        arguments: [(0, 1), (1, 1), (1_234, 1), (999_999, 999), (2_000_000, 2_000)] as [(UInt64, UInt64)])
    func microseconds(nano: UInt64, micro: UInt64) {
        let text = json {
            $0.startTimeUnixNano = 1_767_225_600_123_456_789
            $0.endTimeUnixNano = 1_767_225_600_123_456_789 + nano
        }
        #expect(text.contains(#""timestamp":1767225600123456,"duration":\#(micro),"#))
    }

    @Test(
        "the remote endpoint is the attribute of the highest rank",
        arguments: [
            (["db.name": "d", "peer.service": "p", "server.address": "s"], #"{"serviceName":"p"}"#),
            (["net.peer.name": "n", "server.address": "s"], #"{"serviceName":"s"}"#),
            (
                ["network.peer.address": "10.0.0.1", "network.peer.port": 80],
                #"{"ipv4":"10.0.0.1","port":80}"#
            ),
            (["network.peer.address": "2001:db8::1"], #"{"ipv6":"2001:db8::1"}"#),
            (["network.peer.address": "/run/db.sock", "db.name": "d"], #"{"serviceName":"/run/db.sock"}"#),
            (["peer.service": "", "db.name": "d"], #"{"serviceName":"d"}"#),
            (["network.peer.address": "10.0.0.1", "network.peer.port": 700_000], #"{"ipv4":"10.0.0.1"}"#),
        ] as [(Attributes, String)])
    func remoteEndpoint(attributes: Attributes, expected: String) {
        for kind in [SpanKind.client, .producer] {
            let text = json {
                ($0.kind, $0.attributes) = (kind, attributes)
            }
            #expect(text.contains(#""remoteEndpoint":\#(expected),"#), "\(text)")
        }
        let server = json {
            ($0.kind, $0.attributes) = (.server, attributes)
        }
        #expect(!server.contains("remoteEndpoint"))
    }
}
