// SPDX-License-Identifier: Apache-2.0

internal import CAllocator

/// How the allocator keeps what the server has given back.
enum LargeAllocations {
    /// Bytes from which on an allocation is a mapping of its own.
    ///
    /// glibc raises this to 32 MiB by itself as soon as large buffers are freed; from then on those of large answers
    /// lie in the heaps of whichever threads made them, between small ones that stay. Four exports of a trace of a
    /// million spans then left 350 MB behind, and with this 80.
    private static let mappedFrom: CInt = 1 << 20

    /// Has them given back to the system at once. For the whole process.
    static func returnAtOnce() { contrail_map_allocations_from(mappedFrom) }
}
