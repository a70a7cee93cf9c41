// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A thread with as little stack as the event loops of some platforms have.
enum SmallStack {
    static let bytes = 4 << 20

    private final class Work: Sendable {
        let body: @Sendable () throws -> Bool
        let result = Atomic<Bool>(false)

        init(_ body: @escaping @Sendable () throws -> Bool) { self.body = body }

        func run() { result.store((try? body()) ?? false, ordering: .releasing) }
    }

    /// What `body` gives there; false when it throws.
    static func run(_ body: @escaping @Sendable () throws -> Bool) -> Bool {
        let work = Work(body)
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        pthread_attr_init(attributes)
        defer {
            pthread_attr_destroy(attributes)
            attributes.deallocate()
        }
        guard pthread_attr_setstacksize(attributes, bytes) == 0 else { return false }
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let status = pthread_create(
            &thread, attributes,
            { argument in
                #if canImport(Darwin)
                    Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().run()
                #else
                    if let argument { Unmanaged<Work>.fromOpaque(argument).takeUnretainedValue().run() }
                #endif
                return nil
            }, Unmanaged.passUnretained(work).toOpaque())
        guard status == 0 else { return false }
        #if canImport(Darwin)
            if let thread { pthread_join(thread, nil) }
        #else
            pthread_join(thread, nil)
        #endif
        return work.result.load(ordering: .acquiring)
    }
}
