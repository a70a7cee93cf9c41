// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryAPI
import TelemetryModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a ``ContrailTracer`` refers to. Never freed (see ``ProviderFacts``).
final class BridgeCore: @unchecked Sendable {
    // Safety: immutable but for the table, whose slots are atomic and whose entries are never freed.
    unowned(unsafe) let provider: ProviderCore
    let propagator: any TextMapPropagator
    private let modules = Mutex<[String: Unmanaged<ModuleScope>]>([:])
    private let slots: UnsafeMutablePointer<Atomic<Unmanaged<ModuleScope>?>>

    private static let slotCount = 256
    /// Modules beyond get the scope without name: nobody has as many, so file ids are being made up.
    private static let modulesMax = 1024

    init(_ provider: ProviderCore, _ propagator: any TextMapPropagator) {
        self.provider = provider
        self.propagator = propagator
        slots = .allocate(capacity: Self.slotCount)
        for index in 0..<Self.slotCount { (slots + index).initialize(to: Atomic(nil)) }
        _ = Unmanaged.passRetained(self)
    }

    /// The tracer whose scope is the module of a `#fileID` (`Module/File.swift`).
    @inline(__always)
    func tracer(ofFile fileID: String) -> UnsafePointer<TracerFacts> {
        // A file id is nearly always a literal: its address chooses the slot, its bytes have the last word.
        let known = fileID.utf8.withContiguousStorageIfAvailable { bytes -> UnsafePointer<TracerFacts>? in
            let address = UInt(bitPattern: bytes.baseAddress)
            let slot = Int((address >> 3 ^ address >> 11) & UInt(Self.slotCount - 1))
            return slots[slot].load(ordering: .acquiring)?._withUnsafeGuaranteedRef { module in
                module.contains(bytes) ? module.tracer : nil
            }
        }
        return (known ?? nil) ?? find(fileID)
    }

    @inline(never)
    private func find(_ fileID: String) -> UnsafePointer<TracerFacts> {
        let name = String(fileID.prefix { $0 != "/" })
        let module = modules.withLock { modules -> Unmanaged<ModuleScope> in
            if let known = modules[name] { return known }
            let name = modules.count < Self.modulesMax ? name : ""
            if let known = modules[name] { return known }
            let tracer = provider.tracer(for: InstrumentationScope(name: name))
            let module = Unmanaged.passRetained(ModuleScope(name, tracer.facts))
            modules[name] = module
            return module
        }
        fileID.utf8.withContiguousStorageIfAvailable { bytes in
            let address = UInt(bitPattern: bytes.baseAddress)
            let slot = Int((address >> 3 ^ address >> 11) & UInt(Self.slotCount - 1))
            slots[slot].store(module, ordering: .releasing)
        }
        return module._withUnsafeGuaranteedRef(\.tracer)
    }
}

/// One module that has started spans.
private final class ModuleScope: @unchecked Sendable {
    // Safety: immutable; the bytes are never freed, as the object.
    let tracer: UnsafePointer<TracerFacts>
    private let name: UnsafeMutableBufferPointer<UInt8>

    init(_ name: String, _ tracer: UnsafePointer<TracerFacts>) {
        self.tracer = tracer
        self.name = .allocate(capacity: name.utf8.count)
        _ = self.name.initialize(from: name.utf8)
    }

    /// Whether a file id starts with this module's name and a slash.
    @inline(__always)
    func contains(_ fileID: UnsafeBufferPointer<UInt8>) -> Bool {
        guard fileID.count > name.count, fileID[name.count] == UInt8(ascii: "/") else { return false }
        guard let left = fileID.baseAddress, let right = name.baseAddress else { return name.isEmpty }
        return memcmp(left, right, name.count) == 0
    }
}
