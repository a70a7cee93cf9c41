// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Service, span name and kind: what many spans share.
struct OperationKey: Hashable, Sendable {
    var service: ExactText
    var name: ExactText
    var kind: SpanKind
}

/// All operations of the store by their number. Numbers are given once and never change.
struct OperationTable: Sendable {
    private(set) var keys: [OperationKey] = []
    private var numbers: [OperationKey: UInt32] = [:]
    /// Of which nothing is stored any more. They keep their numbers, because what comes may be of them again.
    private var hidden: Set<UInt32> = []
    private var numbersOfService: [ExactText: [UInt32]] = [:]

    /// Stands for a row of the file that cannot be read.
    static let damaged = OperationKey(
        service: ExactText("(damaged)"), name: ExactText("(damaged)"), kind: .unspecified)
    /// Rows that may be missing before one; a number further away is taken for damaged itself.
    private static let gapMax: Int64 = 1 << 16

    subscript(number: UInt32) -> OperationKey? {
        Int(number) < keys.count ? keys[Int(number)] : nil
    }

    func number(of key: OperationKey) -> UInt32? { numbers[key] }

    /// The number of `key`; a new one when it was not there.
    mutating func add(_ key: OperationKey) -> UInt32 {
        if let number = numbers[key] { return number }
        let number = UInt32(truncatingIfNeeded: keys.count)
        keys.append(key)
        numbers[key] = number
        numbersOfService[key.service, default: []].append(number)
        return number
    }

    /// Keeps a row of the file under its number. Damaged when that is given, or the key has one already.
    mutating func load(_ key: OperationKey, at number: Int64) throws(StorageError) {
        guard fill(upTo: number) else { throw .damaged("its number is out of order") }
        guard numbers[key] == nil else { throw .damaged("there is another with the same names") }
        _ = add(key)
    }

    /// Keeps the number: its spans are shown under ``damaged``, and no new ones get it.
    mutating func loadDamaged(at number: Int64) {
        if fill(upTo: number) { addPlaceholder() }
    }

    /// Rows that are missing have placeholders too. False when the number cannot be had.
    private mutating func fill(upTo number: Int64) -> Bool {
        guard number >= keys.count, number - Int64(keys.count) <= Self.gapMax else { return false }
        while keys.count < number { addPlaceholder() }
        return true
    }

    private mutating func addPlaceholder() {
        numbersOfService[Self.damaged.service, default: []].append(UInt32(truncatingIfNeeded: keys.count))
        keys.append(Self.damaged)
    }

    /// Leaves all others out of answers.
    mutating func show(only used: Set<UInt32>) {
        hidden =
            used.count == keys.count ? [] : Set(0..<UInt32(truncatingIfNeeded: keys.count)).subtracting(used)
    }

    /// Something of these is stored again.
    mutating func showAgain(_ numbers: [UInt32]) {
        if !hidden.isEmpty { hidden.subtract(numbers) }
    }

    var services: [String] {
        numbersOfService.filter { !$0.value.allSatisfy(hidden.contains) }.keys.map(\.text).sorted()
    }

    func operations(ofService service: String) -> [Operation] {
        // Placeholders are all alike.
        Set(
            (numbersOfService[ExactText(service)] ?? []).filter { !hidden.contains($0) }.map { keys[Int($0)] }
        )
        .map { Operation(name: $0.name.text, kind: $0.kind) }
        .sorted { ($0.name, $0.kind.rawValue) < ($1.name, $1.kind.rawValue) }
    }

    /// Numbers of the operations a query asks for; nil when it asks for any.
    func numbers(service: String?, operation: String?) -> OperationNumbers? {
        guard service != nil || operation != nil else { return nil }
        let ofService =
            service.map { numbersOfService[ExactText($0)] ?? [] } ?? keys.indices.map { UInt32($0) }
        guard let operation else { return OperationNumbers(ofService) }
        let name = ExactText(operation)
        return OperationNumbers(ofService.lazy.filter { keys[Int($0)].name == name })
    }
}
