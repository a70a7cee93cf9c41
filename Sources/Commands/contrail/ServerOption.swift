// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation

/// Which contrail is asked: `--url`, else the environment, else the usual port of this machine.
struct ServerOption: ParsableArguments {
    static let environmentName = "CONTRAIL_URL"
    static let defaultText = "http://127.0.0.1:16686"

    @Option(
        help: ArgumentHelp(
            "Address of contrail. (environment: \(environmentName); default: \(defaultText))",
            valueName: "url"))
    var url: String?

    func validate() throws {
        if let url { _ = try Self.base(url, from: "--url") }
    }

    /// The address without a slash at its end.
    func base() throws -> String {
        if let url { return try Self.base(url, from: "--url") }
        guard let text = ProcessInfo.processInfo.environment[Self.environmentName], !text.isEmpty else {
            return Self.defaultText
        }
        return try Self.base(text, from: Self.environmentName)
    }

    /// `text` without a slash at its end; `origin` is where it was said, and `example` how it should look.
    static func base(
        _ text: String, from origin: String, example: String = defaultText
    ) throws(ValidationError) -> String {
        guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme ?? ""),
            parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil
        else {
            throw ValidationError("\(origin) is '\(text)'; it must be an address such as \(example).")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
