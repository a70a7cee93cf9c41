// SPDX-License-Identifier: Apache-2.0

/// `google.protobuf.Duration`: seconds (1, int64) and nanoseconds (2, int32) of the same sign; in JSON
/// `"1.500s"`.
enum TimeSpan: FieldEncoding {
    /// Seconds of a duration, by the `.proto` file: ten thousand years.
    private static let secondsMax: Int64 = 315_576_000_000

    static var wireType: WireType { .lengthDelimited }

    static func isDefault(_ value: Duration) -> Bool { value == .zero }

    static func write(_ value: Duration, to output: inout ByteSink) {
        let (seconds, nanoseconds) = parts(of: value)
        withUnsafeTemporaryAllocation(byteCount: 24, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return }
            var cursor = start
            if seconds != 0 {
                ProtobufBytes.putTag(1, .varint, at: &cursor)
                ProtobufBytes.putVarint(UInt64(bitPattern: seconds), at: &cursor)
            }
            if nanoseconds != 0 {
                ProtobufBytes.putTag(2, .varint, at: &cursor)
                ProtobufBytes.putVarint(UInt64(bitPattern: nanoseconds), at: &cursor)
            }
            output.varint(UInt64(cursor - start))
            output.bytes(UnsafeRawBufferPointer(start: start, count: cursor - start))
        }
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> Duration {
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        let outerEnd = try input.enter()
        try input.nextTag()
        while input.tag != 0 {
            switch input.tag {
            case ProtobufBytes.tag(1, .varint):
                seconds = Int64(bitPattern: try input.varint())
                try input.nextTag()
            case ProtobufBytes.tag(2, .varint):
                nanoseconds = Int64(Int32(truncatingIfNeeded: try input.varint()))
                try input.nextTag()
            default: try input.skip()
            }
        }
        input.end(outerEnd)
        return duration(seconds: seconds, nanoseconds: nanoseconds)
    }

    static func writeJSON(_ value: Duration, to output: inout ByteSink) {
        let (seconds, nanoseconds) = parts(of: value)
        var text = "\(seconds.magnitude)"
        if nanoseconds != 0 {
            let digits = "\(nanoseconds.magnitude)"
            text += "." + String(repeating: "0", count: 9 - digits.count) + digits
        }
        output.jsonString((seconds < 0 || nanoseconds < 0 ? "-" : "") + text + "s")
    }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> Duration {
        let offset = input.offset
        guard let value = parse(try input.string()) else { throw WireError(.invalidNumber, offset: offset) }
        return value
    }

    private static func parse(_ text: String) -> Duration? {
        guard text.last == "s" else { return nil }
        let negative = text.first == "-"
        let parts = text.dropFirst(negative ? 1 : 0).dropLast().split(
            separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, whole.utf8.allSatisfy(\.isDigit), let seconds = Int64(whole)
        else { return nil }
        var nanoseconds: Int64 = 0
        if parts.count == 2 {
            guard (1...9).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(\.isDigit),
                let fraction = Int64(parts[1] + String(repeating: "0", count: 9 - parts[1].utf8.count))
            else { return nil }
            nanoseconds = fraction
        }
        return duration(
            seconds: negative ? -seconds : seconds, nanoseconds: negative ? -nanoseconds : nanoseconds)
    }

    private static func duration(seconds: Int64, nanoseconds: Int64) -> Duration {
        .seconds(min(max(seconds, -secondsMax), secondsMax)) + .nanoseconds(nanoseconds)
    }

    private static func parts(of value: Duration) -> (seconds: Int64, nanoseconds: Int64) {
        let (seconds, attoseconds) = value.components
        return (min(max(seconds, -secondsMax), secondsMax), attoseconds / 1_000_000_000)
    }
}

extension UInt8 {
    /// True for ASCII 0–9.
    var isDigit: Bool { self &- 0x30 < 10 }
}
