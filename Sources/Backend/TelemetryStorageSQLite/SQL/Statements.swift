// SPDX-License-Identifier: Apache-2.0

/// Every statement that runs after the schema is there. Values are bound, never put into the text.
enum SQL {
    // Ingest.
    static let insertOperation = "INSERT INTO operation (number, service, name, kind) VALUES (?, ?, ?, ?)"
    static let insertJournal = "INSERT INTO journal (segment) VALUES (?)"
    static let deleteJournal = "DELETE FROM journal WHERE number <= ?"
    static let insertBlock = "INSERT INTO block (number, trace_start_min, info) VALUES (?, ?, ?)"
    // It only sinks: the one that is there may come from another trace of the block.
    static let updateTraceStartMin =
        "UPDATE block SET trace_start_min = min(trace_start_min, ?) WHERE number = ?"
    static let insertRows = "INSERT INTO block_rows (block, bytes) VALUES (?, ?)"
    static let insertFilter = "INSERT INTO block_filter (block, bytes) VALUES (?, ?)"
    static let insertFrame = "INSERT INTO frame (number, bytes) VALUES (?, ?)"
    static let insertPart = "INSERT INTO part (trace, block, start) VALUES (?, ?, ?)"

    // Questions. Each finds its rows by a key.
    static let selectParts = "SELECT block, start FROM part WHERE trace = ? ORDER BY block"
    static let selectRows = "SELECT bytes FROM block_rows WHERE block = ?"
    static let selectFilter = "SELECT bytes FROM block_filter WHERE block = ?"
    static let selectFrame = "SELECT bytes FROM frame WHERE number = ?"
    static let selectOperation = "SELECT service, name, kind FROM operation WHERE number = ?"

    // Start: small tables and the journal, read whole.
    static let selectOperations = "SELECT number, service, name, kind FROM operation ORDER BY number"
    static let selectBlocks = "SELECT number, trace_start_min, info FROM block ORDER BY number"
    // Not the last row of `block` alone: were that lost, its number would be given again, and what the other
    // tables still have of it would be in the way of every further block.
    static let selectBlockLast = """
        SELECT max(coalesce((SELECT max(number) FROM block), 0),
            coalesce((SELECT max(block) FROM block_rows), 0),
            coalesce((SELECT max(block) FROM block_filter), 0),
            coalesce((SELECT max(number) FROM frame), 0) >> 20)
        """
    static let selectJournal = "SELECT number, segment FROM journal ORDER BY number"
}
