// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import TelemetryStorage

/// The spans that are in the journal and in no sealed block yet: searched as they lie, and the block to be.
///
/// Requests are decoded straight into it (`ActiveBlock+Decoding`). A copy shares what is in it, also when further
/// requests come (``GrownBuffer``), so that questions take one and let go of the lock.
struct ActiveBlock: Sendable {
    /// What every span has. The rest stands in ``ActiveBlock/values`` from `firstValue` on, one value for each
    /// slot of the shape that has one: numbers as they are, others as numbers of the slot's dictionary.
    struct Row: Sendable, BitwiseCopyable {
        var start: UInt64 = 0
        var end: UInt64 = 0
        var spanID: UInt64 = 0
        /// Zero for none.
        var parentSpanID: UInt64 = 0
        var trace: UInt32 = 0
        /// Index into ``ActiveBlock/operations``.
        var operation: UInt32 = 0
        var origin: UInt32 = 0
        var shape: Int32 = ShapeTree.root
        var firstValue: UInt32 = 0
        var status: UInt8 = 0

        var key: SpanKey { SpanKey(spanID: spanID, start: start) }
    }

    struct ResourceNumbers: Sendable {
        var resource: UInt32
        var service: UInt32
    }

    struct TraceWords: Sendable, BitwiseCopyable {
        var high: UInt64
        var low: UInt64

        var id: TraceID { TraceID(high: high, low: low) }
    }

    private struct ScopeKey: Hashable, Sendable {
        var resource: UInt32
        var bytes: [UInt8]
    }

    /// Where the block stood before a request.
    struct Mark: Sendable {
        fileprivate var rows: Int
        fileprivate var values: Int
        fileprivate var bytes: Int
        fileprivate var operations: Int
    }

    var rows = GrownBuffer<Row>()
    var values = GrownBuffer<UInt64>()
    var shapes = ShapeTree()
    /// By slot; empty for slots of numbers.
    var dictionaries: [ByteDictionary] = []
    /// By number.
    private(set) var traces = GrownBuffer<TraceWords>()
    private var traceIndex = HashIndex()
    private(set) var operations: [OperationKey] = []
    /// The store's numbers of the operations; those decoded since the last commit have none yet.
    var operationNumbers: [UInt32] = []
    /// What an operation is in numbers of this block; by the same numbers as ``operations``.
    private var operationKeys = GrownBuffer<UInt64>()
    private var operationIndex = HashIndex()
    private var names = ByteDictionary()
    private(set) var origins = OriginTable()
    private var resourceOfBytes: [[UInt8]: ResourceNumbers] = [:]
    private var originOfScope: [ScopeKey: UInt32] = [:]
    private var services: [ExactText: UInt32] = [:]
    private var serviceNames: [ExactText] = []
    /// Bytes of the requests decoded into it.
    private(set) var requestBytes = 0
    /// Rows before this are durable, and shown.
    var committedCount = 0

    // Of the span before: neighbours mostly share them.
    private var lastTrace = -1
    private var lastOperation: (key: UInt64, number: UInt32) = (.max, 0)

    init() {}

    /// An empty one, with the room that the one before needed, unless that was a giant.
    init(after other: ActiveBlock) {
        rows = GrownBuffer(capacity: min(other.rows.count, 2 * BlockEncoder.spansPerBlock))
        values = GrownBuffer(capacity: min(other.values.count, 32 * BlockEncoder.spansPerBlock))
        traces = GrownBuffer(capacity: min(other.traces.count, 2 * BlockEncoder.spansPerBlock))
    }

    var mark: Mark {
        Mark(
            rows: rows.count, values: values.count, bytes: requestBytes,
            operations: operations.count)
    }

    /// Takes back what came since. What the other tables have learned stays: nothing refers to it.
    mutating func truncate(to mark: Mark) {
        rows.truncate(to: mark.rows)
        values.truncate(to: mark.values)
        operationNumbers.removeLast(max(0, operationNumbers.count - mark.operations))
        if operations.count > mark.operations {
            operations.removeLast(operations.count - mark.operations)
            operationKeys.truncate(to: mark.operations)
            operationIndex = HashIndex()
            for (number, key) in operationKeys.enumerated() {
                operationIndex.insert(BlockHash.hash(key, 0), number)
            }
            lastOperation = (.max, 0)
        }
        requestBytes = mark.bytes
    }

    mutating func count(requestBytes more: Int) { requestBytes += more }

    @inline(__always)
    mutating func traceNumber(high: UInt64, low: UInt64) -> UInt32 {
        if lastTrace >= 0, traces[lastTrace].low == low, traces[lastTrace].high == high {
            return UInt32(truncatingIfNeeded: lastTrace)
        }
        let hash = BlockHash.hash(high, low)
        if let known = traceIndex.find(hash, where: { traces[$0].low == low && traces[$0].high == high }) {
            lastTrace = known
        } else {
            lastTrace = traces.count
            traceIndex.insert(hash, lastTrace)
            traces.append(TraceWords(high: high, low: low))
        }
        return UInt32(truncatingIfNeeded: lastTrace)
    }

    func trace(_ id: TraceID) -> Int? {
        traceIndex.find(BlockHash.hash(id.high, id.low)) { traces[$0].id == id }
    }

    /// The operation of a span name (an empty one included) and kind of a service.
    @inline(__always)
    mutating func operation(name: UnsafeRawBufferPointer, kind: SpanKind, service: UInt32) -> UInt32 {
        let nameNumber = UInt64(names.add(text: name))
        let key = nameNumber << 32 | UInt64(service) << 3 | UInt64(truncatingIfNeeded: kind.rawValue & 7)
        if lastOperation.key == key { return lastOperation.number }
        let hash = BlockHash.hash(key, 0)
        if let known = operationIndex.find(hash, where: { operationKeys[$0] == key }) {
            lastOperation = (key, UInt32(truncatingIfNeeded: known))
            return lastOperation.number
        }
        let number = UInt32(truncatingIfNeeded: operations.count)
        operationIndex.insert(hash, operations.count)
        operationKeys.append(key)
        operations.append(
            OperationKey(
                service: serviceNames[Int(service)], name: ExactText(names.text(Int(nameNumber))), kind: kind)
        )
        lastOperation = (key, number)
        return number
    }

    /// The resource of a `ResourceSpans` with these fields (all but the spans, as protobuf).
    mutating func resource(_ bytes: [UInt8]) throws(StorageError) -> ResourceNumbers {
        if let known = resourceOfBytes[bytes] { return known }
        let resource: Resource
        do throws(WireError) {
            resource = try OTLPProtobuf.decode(ResourceSpans.self, from: bytes).resource
        } catch {
            throw .damaged("a resource: \(error)")
        }
        let name = ExactText(resource.serviceName ?? Resource.unknownServiceName)
        let service = services[name] ?? UInt32(truncatingIfNeeded: serviceNames.count)
        if Int(service) == serviceNames.count {
            services[name] = service
            serviceNames.append(name)
        }
        let numbers = ResourceNumbers(resource: origins.add(resource), service: service)
        resourceOfBytes[bytes] = numbers
        return numbers
    }

    /// The origin of spans of a resource that stand in a `ScopeSpans` with these fields (all but the spans).
    mutating func origin(of resource: UInt32, scope bytes: [UInt8]) throws(StorageError) -> UInt32 {
        let key = ScopeKey(resource: resource, bytes: bytes)
        if let known = originOfScope[key] { return known }
        let scope: InstrumentationScope
        do throws(WireError) {
            scope = try OTLPProtobuf.decode(ScopeSpans.self, from: bytes).scope
        } catch {
            throw .damaged("a scope: \(error)")
        }
        let origin = origins.add(Origin(resource: resource, scope: scope))
        originOfScope[key] = origin
        return origin
    }

    @inline(__always)
    mutating func addDictionary() { dictionaries.append(ByteDictionary()) }
}
