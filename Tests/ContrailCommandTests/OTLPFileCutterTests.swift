// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@testable import ContrailCommand

@Suite("Messages in a file")
struct OTLPFileCutterTests {
    /// The documents of `bytes`, which come in pieces of `size`.
    private func cut(_ bytes: [UInt8], pieces size: Int = 7) throws -> [OTLPFileCutter.Document] {
        var cutter = OTLPFileCutter()
        var documents: [OTLPFileCutter.Document] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            documents += try cutter.append(bytes[start..<min(start + size, bytes.count)])
        }
        return documents + (try cutter.finish())
    }

    @Test("JSON objects are found on lines and across them, with braces and quotes in their strings")
    func json() throws {
        let text = #"{"a":"}\"{"}"# + "\n\n" + "{\n  \"b\": {\"c\": [1, {}]}\n}\r\n" + #"{} {"d":"\\"}"#
        for size in [1, 2, 5, 100] {
            let documents = try cut(Array(text.utf8), pieces: size)
            #expect(documents.allSatisfy { $0.form == .json })
            #expect(
                documents.map { String(decoding: $0.bytes, as: UTF8.self) } == [
                    #"{"a":"}\"{"}"#, "{\n  \"b\": {\"c\": [1, {}]}\n}", "{}", #"{"d":"\\"}"#,
                ])
            #expect(documents.map(\.place) == ["line 1", "line 3", "line 6", "line 6"])
        }
    }

    @Test("an empty file has no messages", arguments: ["", "\n", "  \n\n"])
    func empty(text: String) throws { #expect(try cut(Array(text.utf8)) == []) }

    @Test("what is no JSON object, and one that does not end, are told with their line")
    func brokenJSON() {
        let garbage = #expect(throws: CommandFailure.self) { try cut(Array("{}\n{}\nhello".utf8)) }
        #expect(garbage?.description.contains("line 3") == true)
        let open = #expect(throws: CommandFailure.self) { try cut(Array("{}\n{\"a\":\n1".utf8)) }
        #expect(open?.description.contains("line 2") == true)
    }

    @Test("one message of protobuf is told from several with their lengths before them")
    func protobuf() throws {
        // Field 1 with three bytes.
        let message: [UInt8] = [0x0a, 3, 1, 2, 3]
        #expect(try cut(message + message).map(\.bytes) == [message + message])
        let several = try cut([5] + message + [0] + [5] + message)
        #expect(several.map(\.bytes) == [message, [], message])
        #expect(several.map(\.place) == ["message 1", "message 2", "message 3"])
        #expect(several.allSatisfy { $0.form == .protobuf })
        // A length of two bytes that is JSON's "{" at first sight.
        let long: [UInt8] = [0x0a, 121] + [UInt8](repeating: 7, count: 121)
        #expect(try cut([123] + long).map(\.bytes) == [long])
    }

    @Test("lengths may have four bytes, as the Collector's file exporter writes them")
    func fixedLengths() throws {
        let message: [UInt8] = [0x0a, 3, 1, 2, 3]
        let several = try cut([0, 0, 0, 5] + message + [0, 0, 0, 0] + [0, 0, 0, 5] + message)
        #expect(several.map(\.bytes) == [message, [], message])
        #expect(several.map(\.place) == ["message 1", "message 2", "message 3"])
        // An empty message with its varint, then others.
        #expect(try cut([0] + [5] + message).map(\.bytes) == [[], message])
    }

    @Test("bytes that are nothing of this are refused with what they could have been")
    func garbage() {
        let error = #expect(throws: CommandFailure.self) { try cut([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) }
        #expect(error?.description.contains("neither OTLP/JSON nor") == true)
    }

    @Test("pieces have at most so many spans, all of them in order, with their resource and scope")
    func pieces() {
        func spans(_ range: Range<UInt64>) -> ScopeSpans {
            ScopeSpans(
                scope: InstrumentationScope(name: "s\(range.lowerBound)"),
                spans: range.map {
                    SpanData(
                        traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: $0 + 1), name: "n",
                        startTimeUnixNano: 0, endTimeUnixNano: 0)
                })
        }
        let batch = [
            ResourceSpans(
                resource: Resource(attributes: ["r": 1]), scopeSpans: [spans(0..<3), spans(3..<8)]),
            ResourceSpans(resource: Resource(attributes: ["r": 2]), scopeSpans: [spans(8..<9)]),
        ]
        #expect(SpanPieces.cut(batch, spansMax: 9) == [batch])
        let pieces = SpanPieces.cut(batch, spansMax: 4)
        #expect(pieces.map(SpanPieces.spanCount) == [4, 4, 1])
        let all = pieces.joined().flatMap { part in
            part.scopeSpans.flatMap { scope in
                scope.spans.map {
                    "\(part.resource.attributes["r"].map { "\($0)" } ?? "") \(scope.scope.name) \($0.spanID)"
                }
            }
        }
        let before = batch.flatMap { part in
            part.scopeSpans.flatMap { scope in
                scope.spans.map {
                    "\(part.resource.attributes["r"].map { "\($0)" } ?? "") \(scope.scope.name) \($0.spanID)"
                }
            }
        }
        #expect(all == before)
    }
}
