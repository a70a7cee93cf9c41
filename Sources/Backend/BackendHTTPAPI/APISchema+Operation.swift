// SPDX-License-Identifier: Apache-2.0

extension APISchema {
    static let storeSchema = object([
        ("directory", nullable("string", "Where the data lies; null in memory.")),
        ("spanCount", nullable("string", "Spans that are stored; null when they are not counted.")),
        ("blockCount", nullable("integer", "Sealed blocks, without the damaged ones.")),
        ("journalSpanCount", nullable("integer", "Spans that are acknowledged and in no block yet.")),
        ("journalBytes", nullable("string", "Bytes of those.")),
        ("diskBytes", nullable("string", "Bytes that the files of the store take; null in memory.")),
        ("diskFreeBytes", nullable("string", "Bytes that its file system has left; null in memory.")),
        ("deletedSpanCount", text("Spans that retention has deleted since the start.")),
        ("deletedLogRecordCount", text("Log records that it has deleted.")),
        ("damagedBlockCount", integer("Blocks that cannot be read and are missing from all answers.")),
        ("damages", list(text("One damage that was met since the start, in words."))),
    ])
}
