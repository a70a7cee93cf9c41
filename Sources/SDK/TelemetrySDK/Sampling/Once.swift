// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Something that is said once, however many threads come by and copies there are.
final class Once: Sendable {
    private let happened = Atomic<Bool>(false)

    /// True for the first who asks.
    var isFirst: Bool { !happened.load(ordering: .relaxed) && !happened.exchange(true, ordering: .relaxed) }
}
