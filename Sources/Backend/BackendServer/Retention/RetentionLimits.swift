// SPDX-License-Identifier: Apache-2.0

/// How much is kept. The oldest goes as soon as one of them is exceeded; nil is no limit.
package struct RetentionLimits: Hashable, Sendable {
    /// What was stored longer ago is deleted. By the time of storing, not by the times in the spans: traces of last
    /// month that somebody imports to look at stay as long as others, and a service with a wrong clock loses nothing.
    package var age: Duration?
    /// Bytes that the files of all stores may have in use together.
    package var bytes: Int?
    /// The same as a share, 0 to 1, of what the stores have in use and the disk has left together: what others
    /// write to the disk shrinks it. Nothing happens in memory.
    package var diskShare: Double?

    package init(
        age: Duration? = .seconds(72 * 3_600), bytes: Int? = nil, diskShare: Double? = 0.9
    ) {
        self.age = age
        self.bytes = bytes
        self.diskShare = diskShare
    }

    /// Everything stays.
    package static let none = RetentionLimits(age: nil, bytes: nil, diskShare: nil)
}
