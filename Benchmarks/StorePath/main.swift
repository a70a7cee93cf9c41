// SPDX-License-Identifier: Apache-2.0

// What the trace store costs without any transport:
// `StorePath [--write-only] [--in-flight N] DIRECTORY SPANS REQUEST…`
//
// Writes the requests (files with an ExportTraceServiceRequest in protobuf) round after round, with other trace and
// span ids and later times each round, until there are so many spans; then asks its questions. One line a figure.
// `--in-flight` lets so many requests wait for their commit at the same time.

import Foundation
import OTLPWire
import TelemetryModel
import TelemetryStorage
import TelemetryStorageSQLite

#if canImport(Glibc)
    import Glibc
#endif

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

func peakMiB() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss / 1_024
}

/// A request whose ids, times and `~` digits are changed in place each round.
struct Template {
    var bytes: [UInt8]
    let spanCount: Int
    private var ids: [(offset: Int, count: Int)] = []
    private var times: [Int] = []
    private var digits: [Int] = []

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        guard let scan = bytes.withUnsafeBytes({ TraceRequestScan($0) }), !scan.hasInvalidIDs else {
            throw CocoaError(.fileReadCorruptFile)
        }
        spanCount = scan.spanCount
        func fields(_ range: Range<Int>, _ visit: (UInt64, Range<Int>) -> Void) {
            var at = range.lowerBound
            func varint() -> UInt64 {
                var value: UInt64 = 0
                var shift: UInt64 = 0
                while at < range.upperBound {
                    let byte = bytes[at]
                    at += 1
                    value |= UInt64(byte & 0x7f) << shift
                    shift += 7
                    if byte < 0x80 { break }
                }
                return value
            }
            while at < range.upperBound {
                let tag = varint()
                switch tag & 7 {
                case 0: _ = varint()
                case 1:
                    visit(tag >> 3, at..<at + 8)
                    at += 8
                case 5: at += 4
                default:
                    let count = Int(varint())
                    visit(tag >> 3, at..<at + count)
                    at += count
                }
            }
        }
        var ids: [(offset: Int, count: Int)] = []
        var times: [Int] = []
        var digits: [Int] = []
        func texts(ofAttribute attribute: Range<Int>) {
            fields(attribute) { field, value in
                guard field == 2 else { return }
                fields(value) { field, text in
                    guard field == 1 else { return }
                    digits += text.filter { bytes[$0] == UInt8(ascii: "~") }
                }
            }
        }
        fields(0..<bytes.count) { _, resource in
            fields(resource) { field, scope in
                guard field == 2 else { return }
                fields(scope) { field, span in
                    guard field == 2 else { return }
                    fields(span) { field, value in
                        if field == 1 || field == 2 || field == 4 {
                            ids.append((value.lowerBound, value.count))
                        }
                        if field == 7 || field == 8 { times.append(value.lowerBound) }
                        if field == 9 { texts(ofAttribute: value) }
                        if field == 11 {
                            fields(value) { field, value in
                                if field == 1 { times.append(value.lowerBound) }
                                if field == 3 { texts(ofAttribute: value) }
                            }
                        }
                    }
                }
            }
        }
        self.ids = ids
        self.times = times
        self.digits = digits
    }

    /// Other spans of the same form, `shift` nanoseconds later than the time before.
    ///
    /// Requests that are changed with the same `nonce` go on sharing traces.
    mutating func renew(_ random: inout FastNumbers, nonce: UInt64, shift: UInt64) {
        bytes.withUnsafeMutableBytes { bytes in
            for id in ids {
                for offset in stride(from: id.offset, to: id.offset + id.count, by: 8) {
                    let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    bytes.storeBytes(of: word ^ nonce, toByteOffset: offset, as: UInt64.self)
                }
            }
            for time in times {
                let word = bytes.loadUnaligned(fromByteOffset: time, as: UInt64.self)
                bytes.storeBytes(of: word &+ shift, toByteOffset: time, as: UInt64.self)
            }
            for digit in digits { bytes[digit] = 0x30 + UInt8(random.next() % 10) }
        }
    }
}

/// SplitMix64: the system's numbers cost more than the store.
struct FastNumbers: RandomNumberGenerator {
    var state = UInt64.random(in: 0...UInt64.max)

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        let first = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        let second = (first ^ (first >> 27)) &* 0x94d0_49bb_1331_11eb
        return second ^ (second >> 31)
    }
}

func percentiles(_ name: String, _ count: Int, _ body: (Int) async throws -> Void) async throws {
    var milliseconds: [Double] = []
    for index in 0..<count {
        let start = ContinuousClock.now
        try await body(index)
        let time = ContinuousClock.now - start
        milliseconds.append(
            Double(time.components.attoseconds) / 1e15 + Double(time.components.seconds) * 1e3)
    }
    milliseconds.sort()
    let median = milliseconds[count / 2]
    let late = milliseconds[min(count - 1, count * 95 / 100)]
    FileHandle.standardOutput.write(
        Data(
            "\(name): median \(String(format: "%.2f", median)) ms, p95 \(String(format: "%.2f", late)) ms\n"
                .utf8))
}

func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

var arguments = CommandLine.arguments
let isWriteOnly = arguments.contains("--write-only")
arguments.removeAll { $0 == "--write-only" }
var inFlightMax = 1
if let option = arguments.firstIndex(of: "--in-flight"), option + 1 < arguments.count {
    inFlightMax = Int(arguments[option + 1]) ?? 1
    arguments.removeSubrange(option...option + 1)
}
guard arguments.count > 3, let spans = Int(arguments[2]) else {
    say("usage: StorePath [--write-only] [--in-flight N] DIRECTORY SPANS REQUEST…")
    exit(2)
}
var templates = try arguments[3...].map { try Template([UInt8](Data(contentsOf: URL(fileURLWithPath: $0)))) }
var random = FastNumbers()
let store = try SQLiteTraceStore.open(directory: arguments[1])
var written = 0
var storeCPU = 0.0
var ids: [TraceID] = []
let started = ContinuousClock.now
while written < spans {
    let nonce = random.next()
    for first in stride(from: 0, to: templates.count, by: inFlightMax) where written < spans {
        var requests: [EncodedSpans] = []
        for index in first..<min(first + inFlightMax, templates.count) {
            templates[index].renew(&random, nonce: nonce, shift: 3_000_000_000)
            requests.append(
                EncodedSpans(scanned: templates[index].bytes, spanCount: templates[index].spanCount))
        }
        let before = cpuSeconds()
        if requests.count == 1 {
            try await store.write(requests[0])
        } else {
            try await withThrowingTaskGroup { group in
                for request in requests { group.addTask { try await store.write(request) } }
                try await group.waitForAll()
            }
        }
        storeCPU += cpuSeconds() - before
        written += requests.reduce(0) { $0 + $1.spanCount }
        if ids.count < 400, first == 0 || random.next() % 64 == 0 {
            let values = try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: requests[0].bytes)
            if let id = values.resourceSpans.first?.scopeSpans.first?.spans.randomElement()?.traceID {
                ids.append(id)
            }
        }
    }
}
let seconds = ContinuousClock.now - started
say("wrote \(written) spans in \(seconds)")
say("store: \(String(format: "%.2f", storeCPU / Double(written) * 1e6)) CPU-microseconds a span")
say("peak memory after writing: \(peakMiB()) MiB")
func sayDisk(directory: String, spans: Int) throws {
    var bytes = 0
    for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
        bytes += try FileManager.default.attributesOfItem(atPath: directory + "/" + file)[.size] as? Int ?? 0
    }
    say("disk: \(String(format: "%.2f", Double(bytes) / Double(spans))) bytes a span")
}
if isWriteOnly {
    await store.close()
    try sayDisk(directory: arguments[1], spans: written)
    exit(0)
}
let services = try await store.services()
let service = services.first ?? ""
let operation = try await store.operations(ofService: service).first?.name
try await percentiles("trace by id", 200) { _ = try await store.trace(ids[$0 % ids.count]) }
try await percentiles("absent trace id", 200) { _ in
    _ = try await store.trace(TraceID(high: random.next(), low: random.next()))
}
let queries: [(String, TraceQuery)] = [
    ("newest 20", TraceQuery()), ("newest 20 of a service", TraceQuery(service: service)),
    ("newest 20 of a service and operation", TraceQuery(service: service, operation: operation)),
    ("newest 20 with an error", TraceQuery(service: service, status: .error)),
    ("newest 20 of at least 4 ms", TraceQuery(service: service, durationMin: 4_000_000)),
    ("nothing so long", TraceQuery(service: service, durationMin: 40_000_000_000_000)),
    ("attribute, many hits", TraceQuery(attributes: [.init(key: "http.response.status_code", value: "500")])),
    (
        "attribute, at least, many hits",
        TraceQuery(attributes: [.init(key: "http.response.status_code", .atLeast, value: "500")])
    ),
    (
        "attribute, at least, no hit",
        TraceQuery(attributes: [.init(key: "http.response.status_code", .atLeast, value: "600")])
    ),
    ("attribute, no hit", TraceQuery(attributes: [.init(key: "user.id", value: "u-absent")])),
    ("attribute, no hit, same form", TraceQuery(attributes: [.init(key: "user.id", value: "u-99999999")])),
]
for (name, query) in queries {
    try await percentiles(name, 20) { _ in _ = try await store.traces(matching: query) }
}
try await percentiles("services and operations", 20) { _ in
    _ = try await store.services()
    _ = try await store.operations(ofService: service)
}
say("peak memory: \(peakMiB()) MiB")
await store.close()
try sayDisk(directory: arguments[1], spans: written)
let opening = ContinuousClock.now
let again = try SQLiteTraceStore.open(directory: arguments[1])
_ = try await again.traces(matching: TraceQuery())
say("open and first answer: \(ContinuousClock.now - opening)")
await again.close()
