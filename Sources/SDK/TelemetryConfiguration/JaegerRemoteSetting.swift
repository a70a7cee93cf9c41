// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

/// Where sampling strategies come from, how often, and what holds before the first one.
///
/// Source: OpenTelemetry specification 1.60, "JaegerRemoteSampler"; Jaeger 2.14, "Remote Sampling Configuration".
public struct JaegerRemoteSetting: Sendable, CustomStringConvertible, CustomReflectable {
    /// The address, asked over HTTP with `?service=NAME`. Without a path it is that of Jaeger's, `/sampling`.
    public var endpoint: String
    /// From one answer to the next question; at least 1 ms.
    public var pollingInterval: Duration
    /// The share of traces that is kept before the first answer, 0 to 1.
    public var initialSamplingRate: Double

    public init(
        endpoint: String = "http://localhost:5778/sampling", pollingInterval: Duration = .seconds(60),
        initialSamplingRate: Double = 0.001
    ) {
        self.endpoint = endpoint
        self.pollingInterval = pollingInterval
        self.initialSamplingRate = initialSamplingRate
    }

    /// Jaeger's path, for addresses that have none.
    static let standardPath = "/sampling"

    /// The address that is asked about `service`; may hold secrets. Nil when ``endpoint`` is none.
    package func url(service: String) -> String? {
        guard var url = try? EndpointURL(endpoint) else { return nil }
        url.completeSamplingPath()
        return url.url + (url.query == nil ? "?" : "&") + "service=" + Self.percentEncoded(service)
    }

    // RFC 3986, "Unreserved Characters"; all else as UTF-8.
    private static func percentEncoded(_ text: String) -> String {
        var encoded: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: encoded.append(byte)
            default: encoded += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// The address as it may be shown.
    package var shownEndpoint: String {
        guard var url = try? EndpointURL(endpoint) else { return EndpointURL.redacted(endpoint) }
        url.completeSamplingPath()
        return url.description
    }

    /// `http://localhost:5778/sampling, every 60.0 seconds, 0.001 at first`
    public var description: String {
        "\(shownEndpoint), every \(pollingInterval), \(initialSamplingRate) at first"
    }

    /// As ``description``: user and query of an address are secrets.
    public var customMirror: Mirror { Mirror(reflecting: description) }

    var problem: String? {
        do {
            _ = try EndpointURL(endpoint)
        } catch {
            return "has an endpoint that \(error.description)"
        }
        if pollingInterval < .milliseconds(1) { return "has a polling interval below 1 ms" }
        return SamplerSetting.problem(initialSamplingRate)
    }
}

extension EndpointURL {
    fileprivate mutating func completeSamplingPath() {
        if path.isEmpty || path == "/" { path = JaegerRemoteSetting.standardPath }
    }
}
