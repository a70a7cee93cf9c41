// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import Synchronization

/// A message without headers that remembers which ones were asked for.
final class CountingExtractor: Sendable {
    private let asked = Mutex<[String]>([])

    var names: [String] { asked.withLock { $0 } }

    struct Reader: Extractor {
        func extract(key: String, from carrier: CountingExtractor) -> String? {
            carrier.asked.withLock { $0.append(key) }
            return nil
        }
    }
}
