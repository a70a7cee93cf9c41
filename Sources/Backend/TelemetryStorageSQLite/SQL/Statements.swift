// SPDX-License-Identifier: Apache-2.0

/// Every statement that runs after the schema is there. Values are bound, never put into the text.
enum SQL {
    // Ingest.
    static let insertOperation = "INSERT INTO operation (number, service, name, kind) VALUES (?, ?, ?, ?)"
    static let insertJournal = "INSERT INTO journal (number, requests) VALUES (?, ?)"
    static let deleteJournal = "DELETE FROM journal WHERE number BETWEEN ? AND ?"
    static let insertBlock = "INSERT INTO block (number, info, filter) VALUES (?, ?, ?)"
    static let updateBlock = "UPDATE block SET info = ?2, filter = ?3 WHERE number = ?1"
    static let insertSection = "INSERT INTO section (number, bytes) VALUES (?, ?)"

    // Questions. Each finds its rows by a key.
    static let selectSection = "SELECT bytes FROM section WHERE number = ?"
    static let selectOperation = "SELECT service, name, kind FROM operation WHERE number = ?"

    // Start: small tables and the journal, read whole.
    static let selectOperations = "SELECT number, service, name, kind FROM operation ORDER BY number"
    static let selectBlocks = "SELECT number, info, filter FROM block ORDER BY number"
    // Not the last row of `block` alone: were that lost, its number would be given again, and what the other
    // table still has of it would be in the way of every further block.
    static let selectBlockLast = """
        SELECT max(coalesce((SELECT max(number) FROM block WHERE number < 1 << 42), 0),
            coalesce((SELECT max(number) FROM section WHERE number < 1 << 62), 0) >> 20)
        """
    static let selectJournal = "SELECT number, requests FROM journal ORDER BY number"
}
