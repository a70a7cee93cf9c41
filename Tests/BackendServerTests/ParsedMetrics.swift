// SPDX-License-Identifier: Apache-2.0

/// Prometheus' text format, read more strictly than Prometheus does: names and labels by its grammar, HELP and
/// TYPE before the samples of each name, no name in two places, no sample twice, histograms complete and
/// growing.
struct ParsedMetrics {
    struct Wrong: Error, CustomStringConvertible {
        let description: String
    }

    private struct Key: Hashable {
        let name: String
        let labels: [String: String]
    }

    private var samples: [Key: Double] = [:]
    private(set) var names: Set<String> = []

    subscript(name: String, labels: [String: String] = [:]) -> Double? {
        samples[Key(name: name, labels: labels)]
    }

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Wrong(description: "the last line does not end") }
        var types: [String: String] = [:]
        var helps: Set<String> = []
        var family = ""
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") {
                family = String(line.split(separator: " ")[2])
                guard helps.insert(family).inserted else { throw Wrong(description: "twice: \(line)") }
            } else if let type = try line.wholeMatch(of: Regex("# TYPE (\\S+) (counter|gauge|histogram)")) {
                let name = type.output[1].substring.map(String.init) ?? ""
                guard name == family,
                    types.updateValue(String(type.output[2].substring ?? ""), forKey: name) == nil
                else { throw Wrong(description: "TYPE in the wrong place: \(line)") }
            } else {
                try read(line, of: family, type: types[family])
            }
        }
        try checkHistograms(types.filter { $0.value == "histogram" }.map(\.key))
    }

    private mutating func read(_ line: Substring, of family: String, type: String?) throws {
        let sample = #/([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/#
        guard let match = line.wholeMatch(of: sample) else { throw Wrong(description: "no sample: \(line)") }
        let name = String(match.1)
        let allowed =
            type == "histogram" ? ["_bucket", "_sum", "_count"].map { family + $0 } : [family]
        guard type != nil, allowed.contains(name) else { throw Wrong(description: "strays: \(line)") }
        guard type != "counter" || name.hasSuffix("_total") else {
            throw Wrong(description: "no _total: \(line)")
        }
        var labels: [String: String] = [:]
        var rest = match.2 ?? ""
        while !rest.isEmpty {
            guard
                let label = rest.prefixMatch(
                    of: #/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/#),
                labels.updateValue(String(label.2), forKey: String(label.1)) == nil
            else { throw Wrong(description: "labels: \(line)") }
            rest = rest[label.range.upperBound...]
        }
        guard let value = match.3 == "+Inf" ? Double.infinity : Double(match.3) else {
            throw Wrong(description: "no number: \(line)")
        }
        guard samples.updateValue(value, forKey: Key(name: name, labels: labels)) == nil else {
            throw Wrong(description: "twice: \(line)")
        }
        names.insert(name)
    }

    private func checkHistograms(_ families: [String]) throws {
        for family in families {
            for (key, count) in samples where key.name == family + "_count" {
                let buckets = samples.filter { bucket in
                    bucket.key.name == family + "_bucket"
                        && bucket.key.labels.filter { $0.key != "le" } == key.labels
                }
                let byBound = buckets.map { ($0.key.labels["le"].flatMap(Self.bound) ?? .nan, $0.value) }
                    .sorted { $0.0 < $1.0 }
                guard byBound.last?.0 == .infinity, byBound.last?.1 == count,
                    zip(byBound, byBound.dropFirst()).allSatisfy({ $0.1 <= $1.1 })
                else { throw Wrong(description: "the classes of \(key)") }
            }
        }
    }

    private static func bound(_ text: String) -> Double? { text == "+Inf" ? .infinity : Double(text) }
}
