// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The headers of each request: what is configured, and what a provider gives.
package struct OTLPHeaderSource: Sendable {
    let configured: [(String, String)]
    let provider: OTLPHeaderProvider?
    let rules: ExportHeaderRules

    /// Why there are no headers. Never with what the provider gave or said: it may be a secret.
    struct Problem: Error, CustomStringConvertible {
        let code: ExportError.Code
        let description: String
    }

    /// Asks the provider, if there is one, for at most `timeLeft` and until `retrying` is shut down.
    func headers(
        _ reason: OTLPHeadersReason, timeLeft: Duration?, endedBy retrying: RetryingExport
    ) async -> Result<[(String, String)], Problem> {
        guard let provider else { return .success(configured) }
        let given: [String: String]
        switch await Self.answer(of: provider, reason, timeLeft: timeLeft, endedBy: retrying) {
        case .success(let headers)?: given = headers
        case .failure(let error)?:
            return .failure(
                Problem(code: .noHeaders, description: "the header provider threw \(type(of: error))"))
        case nil:
            return .failure(
                Problem(code: .noHeaders, description: "the header provider gave no headers in time"))
        }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            if let problem = rules.problem(name: name, value: value) {
                return .failure(
                    Problem(
                        code: .noHeaders,
                        description: "the header provider gave a header that cannot be sent: it \(problem)"))
            }
        }
        let names = Set(given.keys.map { $0.lowercased() })
        return .success(
            configured.filter { !names.contains($0.0.lowercased()) }
                + given.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// Nil when it took too long, or the exporter ended meanwhile. A provider that hears of no cancellation runs on,
    /// and nobody waits for it.
    private static func answer(
        of provider: @escaping OTLPHeaderProvider, _ reason: OTLPHeadersReason, timeLeft: Duration?,
        endedBy retrying: RetryingExport
    ) async -> Result<[String: String], any Error>? {
        let (answers, continuation) = AsyncStream.makeStream(
            of: Result<[String: String], any Error>.self, bufferingPolicy: .bufferingOldest(1))
        let asking = Task {
            do {
                continuation.yield(.success(try await provider(reason)))
            } catch {
                continuation.yield(.failure(error))
            }
            continuation.finish()
        }
        let limit = timeLeft.map { timeLeft in
            Task {
                try? await Task.sleep(for: timeLeft)
                continuation.finish()
            }
        }
        let answer = Mutex<Result<[String: String], any Error>?>(nil)
        await retrying.wait(
            for: Task {
                for await first in answers {
                    answer.withLock { $0 = first }
                    break
                }
            })
        asking.cancel()
        limit?.cancel()
        return answer.withLock { $0 }
    }
}
