// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Testing
import WireFixtures

@Suite("Looking through a request of traces")
struct TraceRequestScanTests {
    private func request(_ seed: UInt64) -> ExportTraceServiceRequest {
        var random = RandomTelemetry(seed: seed)
        return ExportTraceServiceRequest(resourceSpans: [random.resourceSpans(), random.resourceSpans()])
    }

    private func scan(_ bytes: [UInt8]) -> TraceRequestScan? { TraceRequestScan(bytes.span.bytes) }

    private func spanCount(_ request: ExportTraceServiceRequest) -> Int {
        request.resourceSpans.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
    }

    @Test("what the encoder writes is plain, and its spans are counted", arguments: (0 as UInt64)..<40)
    func plain(seed: UInt64) throws {
        let request = request(seed)
        let scan = try #require(self.scan(OTLPProtobuf.encode(request)))
        #expect(scan.spanCount == spanCount(request))
        #expect(!scan.hasInvalidIDs)
    }

    @Test("an invalid id anywhere is noticed")
    func invalidIDs() throws {
        var sample = request(1)
        while spanCount(sample) == 0 { sample = request(UInt64.random(in: 2...1_000)) }
        for part in sample.resourceSpans.indices {
            for scope in sample.resourceSpans[part].scopeSpans.indices {
                for span in sample.resourceSpans[part].scopeSpans[scope].spans.indices {
                    var changed = sample
                    changed.resourceSpans[part].scopeSpans[scope].spans[span].traceID = .invalid
                    #expect(scan(OTLPProtobuf.encode(changed))?.hasInvalidIDs == true)
                    changed = sample
                    changed.resourceSpans[part].scopeSpans[scope].spans[span].spanID = .invalid
                    #expect(scan(OTLPProtobuf.encode(changed))?.hasInvalidIDs == true)
                }
            }
        }
    }

    @Test("what is said to be plain is read by the decoder, with as many spans and the same ids")
    func neverMoreThanTheDecoder() {
        var numbers = SystemRandomNumberGenerator()
        for seed in 0..<60 as Range<UInt64> {
            let bytes = OTLPProtobuf.encode(request(seed))
            for _ in 0..<150 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...3, using: &numbers) where !changed.isEmpty {
                    let index = Int.random(in: 0..<changed.count, using: &numbers)
                    switch Int.random(in: 0..<4, using: &numbers) {
                    case 0: changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
                    case 1: changed[index] = .random(in: 0...255, using: &numbers)
                    case 2: changed.remove(at: index)
                    default: changed.insert(.random(in: 0...255, using: &numbers), at: index)
                    }
                }
                guard let scan = self.scan(changed) else { continue }
                do throws(WireError) {
                    let read = try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: changed)
                    #expect(spanCount(read) == scan.spanCount)
                    let isValid = read.resourceSpans.allSatisfy {
                        $0.scopeSpans.allSatisfy {
                            $0.spans.allSatisfy { $0.traceID.isValid && $0.spanID.isValid }
                        }
                    }
                    #expect(isValid == !scan.hasInvalidIDs)
                } catch {
                    Issue.record("\(error)")
                }
            }
        }
    }

    @Test("a group, a value of two members and a value in two pieces are not plain")
    func notPlain() {
        func nested(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [field << 3 | 2, UInt8(bytes.count)] + bytes
        }
        func span(_ bytes: [UInt8]) -> [UInt8] {
            let ids = nested(1, Array(1...16)) + nested(2, Array(1...8))
            return nested(1, nested(2, nested(2, ids + bytes)))
        }
        #expect(scan(span([]))?.hasInvalidIDs == false)
        let value = nested(1, [0x61])
        #expect(scan(span(nested(9, nested(2, value)))) != nil)
        #expect(scan(span(nested(9, nested(2, value + value)))) == nil)
        #expect(scan(span(nested(9, nested(2, value) + nested(2, value)))) == nil)
        #expect(scan(span([0x9b, 0x06, 0x9c, 0x06])) == nil)
        #expect(scan(span(nested(1, Array(1...16)))) == nil, "two trace ids")
        #expect(scan(span(nested(2, Array(1...8)))) == nil, "two span ids")
    }
}
