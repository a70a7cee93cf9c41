// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One line of the table.
struct Row: Codable {
    var scenario = ""
    var transport = ""
    var created = 0
    var delivered = 0
    var dropped = 0
    /// Neither delivered nor dropped: zero after a shutdown.
    var waiting = 0
    /// Spans in the requests that the receiver got.
    var received = 0
    /// Spans that the program ended, whatever the SDK counted.
    var ended = 0
    var makingMilliseconds = 0.0
    /// From the first span to the return of the shutdown.
    var totalMilliseconds = 0.0
    /// Of the whole process, each thread, user and system.
    var cpuMicrosecondsPerDelivered = 0.0
    var peakMebibytes = 0.0
    /// Longest time between two exports while a batch was waiting.
    var idleMicrosecondsMax = 0.0
    /// The same without the time in which the exporter's thread was ready and had no processor.
    var idleWithProcessorMicrosecondsMax = 0.0
    /// Longest time that the making thread was late.
    var lateMilliseconds = 0.0

    init() {}

    init(_ json: String) {
        do {
            self = try JSONDecoder().decode(Row.self, from: Data(json.utf8))
        } catch {
            scenario = "failed: \(error)"
        }
    }

    var json: String { (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    var addsUp: Bool {
        created == ended && created == delivered + dropped && waiting == 0 && received == delivered
    }

    static let head =
        "scenario\tprotocol\tcreated\tdelivered\tdropped\treceived\tadds up\tmade in ms\tall in ms\t"
        + "CPU-us per span\tpeak MiB above idle\tidle us max\twith a processor\tlate ms max"

    var line: String {
        [
            scenario, transport, "\(created)", "\(delivered)", "\(dropped)", "\(received)",
            addsUp ? "yes" : "NO",
            text(makingMilliseconds), text(totalMilliseconds), text(cpuMicrosecondsPerDelivered),
            text(peakMebibytes), text(idleMicrosecondsMax), text(idleWithProcessorMicrosecondsMax),
            text(lateMilliseconds),
        ].joined(separator: "\t")
    }

    private func text(_ number: Double) -> String { String(format: "%.1f", number) }
}
