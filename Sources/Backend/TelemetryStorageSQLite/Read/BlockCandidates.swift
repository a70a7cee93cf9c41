// SPDX-License-Identifier: Apache-2.0

/// The blocks that may have a match, the one whose match may begin latest first.
///
/// What `BlockInfo.latestStart` says of a block is dear to ask of all of them, and its `partStartMax` is never
/// earlier: so each is asked only when its turn has come by that.
struct BlockCandidates {
    /// Indices of blocks not asked yet, the latest last.
    private var unasked: [Int]
    /// Those that were asked, the latest last.
    private var asked: [(index: Int, latest: UInt64)] = []
    private let blocks: [BlockInfo]
    private let condition: SpanCondition
    private let operations: OperationNumbers?

    init(_ blocks: [BlockInfo], _ condition: SpanCondition, _ operations: OperationNumbers?) {
        self.blocks = blocks
        self.condition = condition
        self.operations = operations
        unasked = blocks.indices.sorted { blocks[$0].partStartMax < blocks[$1].partStartMax }
    }

    /// The next block, and when a trace with a match in it begins at the latest; nil when there is none.
    mutating func next() -> (index: Int, latest: UInt64)? {
        while let index = unasked.last, blocks[index].partStartMax >= asked.last?.latest ?? 0 {
            unasked.removeLast()
            guard let latest = blocks[index].latestStart(meeting: condition, operations: operations) else {
                continue
            }
            let place = asked.lastIndex { $0.latest <= latest }.map { $0 + 1 } ?? 0
            asked.insert((index, latest), at: place)
        }
        return asked.popLast()
    }
}
