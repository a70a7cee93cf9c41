// SPDX-License-Identifier: Apache-2.0

/// Writes the text format in which Prometheus reads metrics. Pure.
///
/// Source: Prometheus, "Exposition formats", text format 0.0.4.
struct PrometheusText {
    typealias Labels = [(name: String, value: String)]

    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Adds a number that only grows. The format wants each name once: all its samples at the same time.
    mutating func counter(_ name: String, _ help: String, _ samples: [(Labels, UInt64)]) {
        begin(name, "counter", help)
        for (labels, value) in samples { sample(name, labels, "\(value)") }
    }

    mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        counter(name, help, [([], value)])
    }

    /// Adds a number that grows and shrinks.
    mutating func gauge(_ name: String, _ help: String, _ samples: [(Labels, Double)]) {
        begin(name, "gauge", help)
        for (labels, value) in samples { sample(name, labels, Self.number(value)) }
    }

    /// Nothing is written for nil: a number that nobody knows is not zero.
    mutating func gauge(_ name: String, _ help: String, _ value: Int?) {
        if let value { gauge(name, help, [([], Double(value))]) }
    }

    /// A counter that is not whole.
    mutating func counter(_ name: String, _ help: String, seconds: Double) {
        begin(name, "counter", help)
        sample(name, [], Self.number(seconds))
    }

    /// Adds a histogram in seconds; its label has this name, or there is none.
    mutating func histogram(_ name: String, _ help: String, _ histogram: Histogram, by label: String? = nil) {
        begin(name, "histogram", help)
        for (value, series) in histogram.series {
            let labels: Labels = label.map { [($0, value)] } ?? []
            var total: UInt64 = 0
            for (bound, count) in zip(Histogram.boundsSeconds.map(Self.number) + ["+Inf"], series.counts) {
                // Each class counts what is in those below it too.
                total += count
                sample(name + "_bucket", labels + [("le", bound)], "\(total)")
            }
            sample(name + "_sum", labels, Self.number(series.sum / .seconds(1)))
            sample(name + "_count", labels, "\(total)")
        }
    }

    // "# HELP lines: backslash and line feed must be escaped."
    private mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(Self.escaped(help, quote: false))\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: Labels, _ value: String) {
        text += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quote: true))\"" }
            text += "{" + pairs.joined(separator: ",") + "}"
        }
        text += " " + value + "\n"
    }

    // "A label value can be any sequence of UTF-8 characters, but the backslash (\), double-quote ("), and line
    // feed (\n) characters have to be escaped as \\, \", and \n, respectively."
    private static func escaped(_ text: String, quote: Bool) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quote: out += "\\\""
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// Whole numbers without the ".0", as others write them. Both are what Go's ParseFloat reads.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
