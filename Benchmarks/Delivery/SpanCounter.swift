// SPDX-License-Identifier: Apache-2.0

/// Counts the spans of a request without decoding them: resource spans (1), scope spans (2), spans (2).
/// Source: OTLP 1.11.0, `trace_service.proto`, `trace.proto`.
enum SpanCounter {
    private static let path: [UInt64] = [1, 2, 2]

    static func spans(in request: [UInt8]) -> Int { count(request[...], depth: 0) }

    private static func count(_ message: ArraySlice<UInt8>, depth: Int) -> Int {
        guard depth < path.count else { return 1 }
        var rest = message
        var sum = 0
        while let key = varint(&rest) {
            switch key & 7 {
            case 0: _ = varint(&rest)
            case 1: rest = rest.dropFirst(8)
            case 5: rest = rest.dropFirst(4)
            default:
                guard let length = varint(&rest), length <= rest.count else { return sum }
                if key >> 3 == path[depth] { sum += count(rest.prefix(Int(length)), depth: depth + 1) }
                rest = rest.dropFirst(Int(length))
            }
        }
        return sum
    }

    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst(), shift < 64 {
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
