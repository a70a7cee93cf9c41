// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

extension LogRecord {
    /// The body as people read and search it: a string as it is, everything else as JSON on one line, bytes
    /// as hexadecimal; empty without a body.
    package var bodyText: String {
        switch body {
        case .string(let text): return text
        case .empty: return ""
        case .bool, .int, .double, .bytes, .array, .map:
            var text = ""
            write(body, to: &text)
            return text
        }
    }

    private func write(_ value: AttributeValue, to text: inout String) {
        switch value {
        case .string(let string): writeQuoted(string, to: &text)
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .double(let number): text += number.description
        case .bytes(let bytes):
            text += "\""
            for byte in bytes { text += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
            text += "\""
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                write(element, to: &text)
            }
            text += "]"
        case .map(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                writeQuoted(member.key, to: &text)
                text += ":"
                write(member.value, to: &text)
            }
            text += "}"
        case .empty: text += "null"
        }
    }

    private func writeQuoted(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1f}":
                text += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
