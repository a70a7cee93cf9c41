// SPDX-License-Identifier: Apache-2.0

/// Every statement that runs after the schema is there. Values are bound, never put into the text.
enum SQL {
    static let insertOperation = "INSERT INTO operation (number, service, name, kind) VALUES (?, ?, ?, ?)"
    static let insertJournal = "INSERT INTO journal (segment) VALUES (?)"
    static let deleteJournal = "DELETE FROM journal WHERE number <= ?"
    static let selectOperations = "SELECT number, service, name, kind FROM operation ORDER BY number"
    static let selectJournal = "SELECT number, segment FROM journal ORDER BY number"
}
