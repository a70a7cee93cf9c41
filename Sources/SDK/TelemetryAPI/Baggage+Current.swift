// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule

extension Baggage {
    /// What travels with the request that this task works on; empty when nothing does.
    public static var current: Baggage { ServiceContext.current?.baggage ?? Baggage() }
}

/// Runs `body` with the current baggage changed; the old one holds again afterwards.
///
/// ```swift
/// withBaggage {
///     $0["tenant"] = "blue"
/// } _: {
///     callOtherServices()
/// }
/// ```
///
/// - Parameters:
///   - change: what shall be different.
///   - body: sees the changed baggage, as do all calls and tasks within it.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws.
public func withBaggage<Result, Failure: Error>(
    _ change: (inout Baggage) -> Void, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    let outcome = ServiceContext.$current.withValue(.changingBaggage(change)) {
        () -> Swift.Result<Result, Failure> in
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try outcome.get()
}

/// Runs `body` with the current baggage changed; the old one holds again afterwards.
///
/// - Parameters:
///   - change: what shall be different.
///   - isolation: of the caller, which `body` keeps.
///   - body: sees the changed baggage, as do all calls and tasks within it.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws.
public func withBaggage<Result, Failure: Error>(
    _ change: (inout Baggage) -> Void, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    let outcome = await ServiceContext.$current.withValue(.changingBaggage(change)) {
        () -> Swift.Result<Result, Failure> in
        do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
    }
    return try outcome.get()
}

extension ServiceContext {
    fileprivate static func changingBaggage(_ change: (inout Baggage) -> Void) -> ServiceContext {
        var context = ServiceContext.current ?? .topLevel
        change(&context.baggage)
        return context
    }
}
