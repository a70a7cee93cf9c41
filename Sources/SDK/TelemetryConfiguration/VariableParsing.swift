// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryPropagators

/// Why a value, or a part of it, is not taken.
package struct VariableProblem: Error, Hashable {
    /// The part that is wrong, nil for the whole value. Never a secret.
    package let part: String?
    /// Reads on from the value: "is negative".
    package let text: String
}

extension Variable {
    /// Reads a value that is not empty: what it says, nil when nothing of it can be used, and what is wrong
    /// with it.
    package func parse(_ raw: String) -> (value: VariableValue?, problems: [VariableProblem]) {
        switch kind {
        case .boolean: Self.boolean(raw.trimmed)
        case .text, .url, .file: (.text(raw.trimmed), [])
        case .milliseconds(let range), .count(let range): Self.number(raw.trimmed, in: range)
        case .choice(let names): Self.choice(raw.trimmed, of: names)
        case .list(let names): Self.list(raw, of: names)
        case .attributes: Self.attributes(raw)
        case .headers: Self.headers(raw)
        }
    }

    // "Any value that is not case-insensitive 'true' MUST be interpreted as false … a warning SHOULD be
    // logged if a value other than true, false, empty or unset is used." Who asks decides what a foreign
    // value means.
    private static func boolean(_ text: String) -> (VariableValue?, [VariableProblem]) {
        switch text.lowercased() {
        case "true": (.boolean(true), [])
        case "false": (.boolean(false), [])
        default: (nil, [VariableProblem(part: nil, text: "is neither true nor false")])
        }
    }

    // "For variables accepting a numeric value, if the user provides a value the implementation cannot
    // parse, … the implementation SHOULD … generate a warning and gracefully ignore the setting"
    private static func number(
        _ text: String, in range: ClosedRange<Int>
    ) -> (VariableValue?, [VariableProblem]) {
        func problem(_ text: String) -> (VariableValue?, [VariableProblem]) {
            (nil, [VariableProblem(part: nil, text: text)])
        }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard text.utf8.count - digits.count <= 1, !digits.isEmpty,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return problem("is no whole number") }
        guard let number = Int(text) else {
            return problem(text.hasPrefix("-") ? "is negative" : "is above \(range.upperBound)")
        }
        if number < 0 { return problem("is negative") }
        if number < range.lowerBound { return problem("is below \(range.lowerBound)") }
        if number > range.upperBound { return problem("is above \(range.upperBound)") }
        return (.number(number), [])
    }

    // "Enum values SHOULD be interpreted in a case-insensitive manner … Values that are not recognized … MUST
    // generate a warning and be gracefully ignored"
    private static func choice(_ text: String, of names: [String]) -> (VariableValue?, [VariableProblem]) {
        let name = text.lowercased()
        guard names.contains(name) else {
            return (nil, [VariableProblem(part: nil, text: "is none of \(names.joined(separator: ", "))")])
        }
        return (.text(name), [])
    }

    /// Names in their order, each once, spaces around them left out.
    private static func list(_ raw: String, of names: [String]) -> (VariableValue?, [VariableProblem]) {
        var chosen: [String] = []
        var problems: [VariableProblem] = []
        for part in raw.split(separator: ",") {
            let name = part.trimmed.lowercased()
            if name.isEmpty || chosen.contains(name) { continue }
            if names.contains(name) {
                chosen.append(name)
            } else {
                problems.append(
                    VariableProblem(
                        part: String(part.trimmed), text: "is none of \(names.joined(separator: ", "))"))
            }
        }
        if chosen.count > 1, chosen.contains("none") {
            chosen.removeAll { $0 == "none" }
            problems.append(VariableProblem(part: "none", text: "stands beside other names and is ignored"))
        }
        return (chosen.isEmpty ? nil : .list(chosen), problems)
    }

    // "In case of any error, e.g. failure during the decoding process, the entire environment variable value
    // SHOULD be discarded and an error SHOULD be reported"
    private static func attributes(_ raw: String) -> (VariableValue?, [VariableProblem]) {
        var pairs: [VariableValue.Pair] = []
        for (index, part) in members(of: raw) {
            func problem(_ text: String) -> (VariableValue?, [VariableProblem]) {
                let problem = "has a member \(index) that \(text): all of it is discarded"
                return (nil, [VariableProblem(part: nil, text: problem)])
            }
            guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) else { return problem("has no =") }
            guard let key = PercentCoding.decodeStrictly(part[..<equals].trimmed.utf8),
                let value = PercentCoding.decodeStrictly(part[equals...].dropFirst().trimmed.utf8)
            else { return problem("is not percent-encoded UTF-8") }
            guard !key.isEmpty else { return problem("has no key") }
            pairs.append(.init(key: key, value: value))
        }
        return (.pairs(pairs), [])
    }

    /// Bad members are left out; what they say is never shown.
    private static func headers(_ raw: String) -> (VariableValue?, [VariableProblem]) {
        var pairs: [VariableValue.Pair] = []
        var problems: [VariableProblem] = []
        for (index, part) in members(of: raw) {
            func refuse(_ text: String) {
                problems.append(
                    VariableProblem(part: nil, text: "has a member \(index) that \(text), which is left out"))
            }
            guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) else {
                refuse("has no =")
                continue
            }
            let key = part[..<equals].trimmed
            guard !key.isEmpty, key.utf8.allSatisfy(\.isTokenCharacter) else {
                refuse("has no valid header name")
                continue
            }
            guard let value = PercentCoding.decodeStrictly(part[equals...].dropFirst().trimmed.utf8) else {
                refuse("is not percent-encoded UTF-8")
                continue
            }
            // A line break would end the header and begin another one.
            guard value.utf8.allSatisfy({ $0 == 0x09 || $0 >= 0x20 && $0 != 0x7f }) else {
                refuse("has a control character in its value")
                continue
            }
            pairs.append(.init(key: key.lowercased(), value: value))
        }
        return (pairs.isEmpty ? nil : .pairs(pairs), problems)
    }

    /// What stands between commas, counted from 1, empty members left out.
    private static func members(of raw: String) -> [(Int, Substring)] {
        raw.split(separator: ",", omittingEmptySubsequences: false).enumerated()
            .map { ($0.offset + 1, $0.element) }.filter { !$0.1.trimmed.isEmpty }
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var rest = unicodeScalars[...]
        while let first = rest.first, first.properties.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
        return String(String.UnicodeScalarView(rest))
    }
}
