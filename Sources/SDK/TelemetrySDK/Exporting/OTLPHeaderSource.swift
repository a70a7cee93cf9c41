// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The headers of each request: what is configured, and what a provider gives.
package struct OTLPHeaderSource: Sendable {
    let configured: [(String, String)]
    let provider: OTLPHeaderProvider?
    let rules: ExportHeaderRules
    private let question = Question()

    init(configured: [(String, String)], provider: OTLPHeaderProvider?, rules: ExportHeaderRules) {
        self.configured = configured
        self.provider = provider
        self.rules = rules
    }

    /// Whether the provider is being asked: one that hangs, and hears of no cancellation, would otherwise keep one
    /// more task with each attempt.
    private final class Question: Sendable {
        private let isUnderWay = Mutex(false)

        /// False when one is under way.
        func begin() -> Bool {
            isUnderWay.withLock { isUnderWay in
                defer { isUnderWay = true }
                return !isUnderWay
            }
        }

        func end() { isUnderWay.withLock { $0 = false } }
    }

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
        guard question.begin() else {
            return .failure(
                Problem(
                    code: .noHeaders,
                    description: "the header provider has not come back since it was last asked"))
        }
        let given: [String: String]
        switch await answer(of: provider, reason, timeLeft: timeLeft, endedBy: retrying) {
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
    private func answer(
        of provider: @escaping OTLPHeaderProvider, _ reason: OTLPHeadersReason, timeLeft: Duration?,
        endedBy retrying: RetryingExport
    ) async -> Result<[String: String], any Error>? {
        let (answers, continuation) = AsyncStream.makeStream(
            of: Result<[String: String], any Error>.self, bufferingPolicy: .bufferingOldest(1))
        let asking = Task { [question] in
            let answer: Result<[String: String], any Error>
            do {
                answer = .success(try await provider(reason))
            } catch {
                answer = .failure(error)
            }
            // First: who has the answer may ask again at once.
            question.end()
            continuation.yield(answer)
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
