// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Asks the HTTP API of a running contrail. Its errors are sentences for the person at the terminal.
struct QueryClient {
    /// A bigger answer is not read: 100,000 spans of 2 kB each fit.
    static let answerBytesMax = 1 << 30
    /// Patience with a server that has accepted the connection.
    static let timeoutSeconds: Int64 = 60

    /// Patience with a machine that does not answer at all.
    static let connectTimeoutSeconds: Int64 = 5

    let base: String

    // Never shut down: it lives as long as the command. The shared client would try to connect again and
    // again until the timeout, while a person waits to hear that nobody is there.
    static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(connectTimeoutSeconds)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// The body of the answer. Parts of `path` are percent-encoded already, values of `query` are not.
    func get(_ path: String, query: [(String, String)] = []) async throws(CommandFailure) -> [UInt8] {
        try await answer(path, query: query).body
    }

    /// The same with the headers.
    func answer(
        _ path: String, query: [(String, String)] = []
    ) async throws(CommandFailure) -> (body: [UInt8], headers: HTTPHeaders) {
        var url = base + path
        for (index, (name, value)) in query.enumerated() {
            url += (index == 0 ? "?" : "&") + name + "=" + Self.encode(value)
        }
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "accept", value: "application/json")
        let status: UInt
        let headers: HTTPHeaders
        let body: [UInt8]
        do {
            let response = try await Self.http.execute(
                request, timeout: .seconds(Self.timeoutSeconds))
            status = response.status.code
            headers = response.headers
            body = Array(buffer: try await response.body.collect(upTo: Self.answerBytesMax))
        } catch {
            throw failure(error)
        }
        if status == 200 { return (body, headers) }
        let mediaType = headers.first(name: "content-type")?.lowercased() ?? ""
        throw refusal(status: status, mediaType: mediaType, body: body)
    }

    /// Reads the answer as `Answer`; another program on that port gives a sentence, not a crash.
    func get<Answer: Decodable>(
        _ type: Answer.Type, _ path: String, query: [(String, String)] = []
    ) async throws(CommandFailure) -> Answer {
        let body = try await get(path, query: query)
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw stranger
        }
    }

    /// RFC 3986, 2.3: everything but unreserved characters is encoded.
    static func encode(_ text: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if unreserved.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += (byte < 16 ? "%0" : "%").utf8
                encoded += String(byte, radix: 16, uppercase: true).utf8
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// What was answered is not what contrail answers.
    var stranger: CommandFailure {
        CommandFailure("\(base) answered, but not as contrail does. Is another program listening there?")
    }

    private func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case is NIOTooManyBytesError:
            CommandFailure("The answer of \(base) is larger than \(Self.answerBytesMax >> 20) MiB.")
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            CommandFailure("\(base) did not answer within \(Self.timeoutSeconds) seconds.")
        case is HTTPParserError,
            is HTTPClientError where (error as? HTTPClientError) == .remoteConnectionClosed:
            CommandFailure(
                "\(base) does not speak HTTP. Is it the port for gRPC, or another program's?")
        default:
            CommandFailure(
                "Cannot reach \(base). Start it with 'contrail serve', or say where it is with --url.")
        }
    }

    private struct Refusal: Decodable {
        struct Content: Decodable {
            let code: String
            let message: String
        }
        let error: Content
    }

    /// `google.rpc.Status`, as contrail's port for OTLP answers.
    private struct RPCStatus: Decodable {
        let message: String
    }

    /// Letters of an answer's own words that are shown.
    private static let wordsMax = 400

    private func refusal(status: UInt, mediaType: String, body: [UInt8]) -> CommandFailure {
        let data = Data(body)
        if let refusal = try? JSONDecoder().decode(Refusal.self, from: data).error {
            switch refusal.code {
            case "unknown_trace", "bad_parameter", "unknown_parameter":
                return CommandFailure(Self.sentence(refusal.message), code: refusal.code)
            default: return CommandFailure("\(base) answered \(status): \(Self.sentence(refusal.message))")
            }
        }
        if let problem = try? JSONDecoder().decode(RPCStatus.self, from: data), !problem.message.isEmpty {
            return CommandFailure(
                "\(base) answered \(status): \(Self.sentence(problem.message)) Questions go to the port of "
                    + "the page.")
        }
        if mediaType.hasPrefix("text/plain"), let words = String(validating: body, as: UTF8.self),
            !words.allSatisfy(\.isWhitespace)
        {
            return CommandFailure("\(base) answered \(status): \(Self.sentence(words))")
        }
        return stranger
    }

    /// Words from outside, on one line, shortened, with a full stop.
    static func sentence(_ words: String) -> String {
        let lines = words.split(whereSeparator: \.isNewline).joined(separator: " ")
        let shown = lines.count > wordsMax ? lines.prefix(wordsMax) + "…" : lines[...]
        return Terminal.visible(String(shown)) + (shown.last == "." ? "" : ".")
    }
}
