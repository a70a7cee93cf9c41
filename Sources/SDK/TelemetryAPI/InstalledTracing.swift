// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import Synchronization
public import TelemetryModel

/// What an SDK gives: tracers by scope.
@_spi(TelemetrySDK) public protocol TracerSource: AnyObject, Sendable {
    /// The tracer of `scope`, the same for the same scope; never freed.
    func tracerCore(for scope: InstrumentationScope) -> TracerCore
}

/// The SDK that scopes follow when no provider was named: one for the process, or one for a task and its children.
@_spi(TelemetrySDK) public enum InstalledTracing {
    private struct State {
        var source: (any TracerSource)?
        /// Every scope that was ever asked for, so that they can be told of a change.
        var tracers: [InstrumentationScope: FollowingTracer] = [:]
    }

    private static let state = Mutex(State())

    /// The source of this task alone, for tests that run in parallel.
    @TaskLocal public static var taskSource: (any TracerSource)?

    /// Set once ``taskSource`` has ever been used: a task-local look-up for each span would cost 17 ns.
    fileprivate static let taskSourceInUse = Atomic<Bool>(false)

    /// Makes all scopes follow `source`, those that exist already too; nil switches off.
    public static func install(_ source: (any TracerSource)?) {
        state.withLock { state in
            state.source = source
            for (scope, tracer) in state.tracers { tracer.follow(source?.tracerCore(for: scope)) }
        }
    }

    /// Removes `source` if it is the installed one.
    public static func uninstall(_ source: any TracerSource) {
        state.withLock { state in
            guard state.source === source else { return }
            state.source = nil
            for tracer in state.tracers.values { tracer.follow(nil) }
        }
    }

    /// Tells that ``taskSource`` is about to be bound somewhere.
    public static func useTaskSource() { taskSourceInUse.store(true, ordering: .relaxed) }

    /// The tracer that follows whatever is installed, the same for the same scope.
    static func tracer(for scope: InstrumentationScope) -> TracerCore {
        state.withLock { state in
            if let known = state.tracers[scope] { return known }
            let tracer = FollowingTracer(scope)
            tracer.follow(state.source?.tracerCore(for: scope))
            state.tracers[scope] = tracer
            return tracer
        }
    }

    fileprivate static func taskTracer(for scope: InstrumentationScope) -> TracerCore? {
        guard taskSourceInUse.load(ordering: .relaxed) else { return nil }
        return taskSource?.tracerCore(for: scope)
    }
}

/// The tracer of a scope that was not got from a provider.
private final class FollowingTracer: TracerCore, @unchecked Sendable {
    // Safety: the only mutable state is the atomic pointer, which points to a core that is never freed.
    private let scope: InstrumentationScope
    private let current = Atomic<Unmanaged<TracerCore>?>(nil)

    init(_ scope: InstrumentationScope) {
        self.scope = scope
        super.init()
    }

    func follow(_ core: TracerCore?) {
        current.store(core.map(Unmanaged.passUnretained), ordering: .releasing)
    }

    override var isEnabled: Bool {
        if let tracer = InstalledTracing.taskTracer(for: scope) { return tracer.isEnabled }
        return current.load(ordering: .acquiring)?._withUnsafeGuaranteedRef(\.isEnabled) ?? false
    }

    override func startSpan(
        _ name: String, kind: SpanKind, context: ServiceContext?, isRoot: Bool, attributes: Attributes,
        links: [TelemetryLink], at time: UInt64?
    ) -> TelemetrySpan {
        if let tracer = InstalledTracing.taskTracer(for: scope) {
            return tracer.startSpan(
                name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
                at: time)
        }
        guard let installed = current.load(ordering: .acquiring) else {
            return super.startSpan(
                name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
                at: time)
        }
        return installed._withUnsafeGuaranteedRef {
            $0.startSpan(
                name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
                at: time)
        }
    }
}
