// SPDX-License-Identifier: Apache-2.0

/// What the database conventions ask of one statement, read from its text without asking the database.
///
/// Source: semantic conventions 1.44, "Database client spans", "Sanitization of db.query.text", "Generating
/// query summary".
struct SQLDescription: Hashable, Sendable {
    /// `db.query.text`: as it is when it has parameters, otherwise with each literal replaced by `?`.
    let text: String
    /// `db.query.summary`: operations with their targets, in order: `INSERT items`, `SELECT songs artists`.
    let summary: String
    /// `db.operation.name`: nil when the statement holds several operations.
    let operation: String?
    /// `db.collection.name`: nil when the statement names none, or several.
    let collection: String?
    let category: Category

    enum Category: Hashable, Sendable {
        case data
        /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE.
        case transaction
        /// A transaction, or a part of it, is undone.
        case rollback
        /// PRAGMA, and look-ups in SQLite's own schema tables.
        case housekeeping
    }

    /// UTF-8 bytes of a statement that are looked at; what stands behind them is not recorded.
    static let textBytesMax = 8_192
    /// Characters of a summary. "SHOULD NOT exceed 255 characters"; cut between two words.
    static let summaryCharactersMax = 255

    /// Describes `sql`. Where `doubleQuotesMayBeStrings`, `"x"` is replaced too unless it is a table's name.
    init(_ sql: String, doubleQuotesMayBeStrings: Bool = false) {
        let bytes = Array(sql.utf8.prefix(Self.textBytesMax))
        var scanner = SQLScanner(bytes)
        var summary = SQLSummaryBuilder(doubleQuotesMayBeStrings: doubleQuotesMayBeStrings)
        var sanitized: [UInt8] = []
        var hasParameters = false
        while let token = scanner.next() {
            let piece = bytes[token.range]
            let isTarget = summary.take(token, piece)
            switch token.kind {
            case .literal: sanitized.append(UInt8(ascii: "?"))
            case .doubleQuoted where doubleQuotesMayBeStrings && !isTarget:
                sanitized.append(UInt8(ascii: "?"))
            // "Such literals include … Boolean".
            case .word where Self.isBoolean(piece): sanitized.append(UInt8(ascii: "?"))
            case .space, .comment:
                if let last = sanitized.last, last != 0x20 { sanitized.append(0x20) }
            case .parameter:
                hasParameters = true
                sanitized += piece
            case .word, .quotedIdentifier, .doubleQuoted, .punctuation: sanitized += piece
            }
        }
        while sanitized.last == 0x20 { sanitized.removeLast() }
        // "Parameterized query text SHOULD NOT be sanitized": who binds parameters has said where the secrets
        // are.
        text = String(decoding: hasParameters ? bytes : sanitized, as: UTF8.self)
        let result = summary.finish()
        self.summary = result.summary
        operation = result.operation
        collection = result.collection
        category = result.category
    }

    private static func isBoolean(_ word: ArraySlice<UInt8>) -> Bool {
        guard word.count == 4 || word.count == 5 else { return false }
        let upper = String(decoding: word, as: UTF8.self).uppercased()
        return upper == "TRUE" || upper == "FALSE"
    }
}
