// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Prints what becomes of spans that are made fast or steadily, with a receiver in another process.
///
/// `Delivery [SECONDS] [NAME…]`: length of a steady run (default 5), and which scenarios (default all). The program
/// starts itself again as `receive PROTOCOL` and as `make SCENARIO PROTOCOL PORT SECONDS`.
@main
struct Delivery {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "receive": try await Receiver.run(arguments.dropFirst().first ?? "")
        case "make": try await Maker.run(Array(arguments.dropFirst()))
        default: try await compare(arguments)
        }
    }

    private static func compare(_ arguments: [String]) async throws {
        let seconds = arguments.first.flatMap { Int($0) } ?? 5
        let wanted = arguments.filter { Int($0) == nil }
        print(Row.head)
        var isComplete = true
        for scenario in Scenario.all where wanted.isEmpty || wanted.contains(scenario.name) {
            for transport in ["grpc", "http"] {
                let receiver = try Child(["receive", transport])
                let port = try receiver.line()
                let maker = try Child(["make", scenario.name, transport, port, "\(seconds)"])
                var row = Row(try maker.line())
                maker.close()
                receiver.close()
                row.received = Int(try receiver.line()) ?? -1
                isComplete = isComplete && row.addsUp
                print(row.line)
            }
        }
        if !isComplete { exit(1) }
    }
}

/// This program, started once more.
private final class Child {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ arguments: [String]) throws {
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The next line of its output.
    func line() throws -> String {
        var bytes = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty {
            if byte == Data("\n".utf8) { break }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lets it know that nothing more is wanted.
    func close() { try? input.fileHandleForWriting.close() }
}
