// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import NIOCore

/// What the three services share as programs: their settings, and words for what keeps them from starting.
public enum ShopService {
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// The value of `variable`, else `standard`.
    public static func setting(_ variable: String, else standard: String) -> String {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 } ?? standard
    }

    /// The number that `variable` says, else `standard`.
    public static func number(_ variable: String, in range: ClosedRange<Int>, else standard: Int) throws
        -> Int
    {
        let text = setting(variable, else: "\(standard)")
        guard let number = Int(text), range.contains(number) else {
            throw WrongSetting(variable: variable, value: text, range: range)
        }
        return number
    }

    /// `SHOP_PORT`; 0 takes a free port.
    public static func port(else standard: Int) throws -> Int {
        try number("SHOP_PORT", in: 0...65_535, else: standard)
    }

    /// Says on standard output, in one line of JSON, that the service takes requests and where.
    public static func announce(_ service: String, _ port: Int?) {
        let line = "{\"event\":\"ready\",\"service\":\"\(service)\",\"port\":\(port ?? 0)}\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    /// Runs a service to its end; what ends it early is one sentence on standard error and exit code 1, where an
    /// error thrown at the top level would be a trap.
    public static func main(_ service: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            FileHandle.standardError.write(Data("\(service): \(explanation(of: error))\n".utf8))
            exit(1)
        }
    }

    private static func explanation(of error: any Error) -> String {
        switch error {
        case let error as IOError where error.errnoCode == EADDRINUSE:
            "the port is taken; set SHOP_PORT to another one, or to 0 for a free one"
        case let error as DatabaseError:
            "the file that SHOP_DATABASE names cannot be used: \(error)"
        default:
            "\(error)"
        }
    }
}

/// A variable that does not say what it should.
private struct WrongSetting: Error, CustomStringConvertible {
    let variable: String
    let value: String
    let range: ClosedRange<Int>

    var description: String {
        "\(variable)=\(value): it takes a number from \(range.lowerBound) to \(range.upperBound)"
    }
}
