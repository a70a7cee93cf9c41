// SPDX-License-Identifier: Apache-2.0

/// Collects operations and their targets while a statement's tokens go by. A heuristic, as the conventions
/// allow: it need not understand all of SQL, but it must never take a value for a name.
struct SQLSummaryBuilder {
    private let doubleQuotesMayBeStrings: Bool
    private var words: [String] = []
    private var operations: [String] = []
    private var targets: [String] = []
    private var state = State.start
    private var previousWord = ""
    private var previousSign: UInt8 = 0
    // What a CREATE, DROP or ALTER says behind the name is no operation of its own.
    private var isDefinition = false
    private var stopped = false

    private enum State: Hashable {
        case start
        case plain
        /// A name may follow; `isList` when a comma after it announces another.
        case target(isList: Bool)
        /// A name was read; a dot continues it.
        case name(isList: Bool)
        /// The name behind a dot: it takes the place of the one before (`main.items` is `items`).
        case qualified(isList: Bool)
        /// After `CREATE`, `DROP`, `ALTER`: the kind of thing follows.
        case kindOfThing
        case pragma
    }

    init(doubleQuotesMayBeStrings: Bool) { self.doubleQuotesMayBeStrings = doubleQuotesMayBeStrings }

    /// Looks at the next token; true when it is the name of a target.
    mutating func take(_ token: SQLToken, _ bytes: ArraySlice<UInt8>) -> Bool {
        if token.kind == .space || token.kind == .comment { return false }
        if isDefinition, case .name = state, bytes.first != UInt8(ascii: ".") { stopped = true }
        if stopped { return false }
        switch token.kind {
        case .space, .comment: return false
        case .word:
            let text = String(decoding: bytes, as: UTF8.self)
            defer { previousWord = text.uppercased() }
            return takeWord(text, text.uppercased())
        case .quotedIdentifier, .doubleQuoted:
            let name = String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
            return takeName(name)
        case .punctuation:
            takePunctuation(bytes.first ?? 0)
            return false
        case .literal, .parameter:
            if state != .start { state = .plain }
            previousSign = 0
            return false
        }
    }

    private mutating func takePunctuation(_ sign: UInt8) {
        defer { previousSign = sign }
        switch (state, sign) {
        case (.name(let isList), UInt8(ascii: ".")): state = .qualified(isList: isList)
        case (.name(true), UInt8(ascii: ",")): state = .target(isList: true)
        // `REPLACE(` is a function; `FROM (` opens a subquery.
        case (.start, _), (.pragma, _): break
        default: state = .plain
        }
    }

    private mutating func takeWord(_ text: String, _ upper: String) -> Bool {
        defer { previousSign = 0 }
        switch state {
        case .start:
            begin(text, upper)
            return false
        case .kindOfThing:
            takeKind(text, upper)
            return false
        case .pragma:
            add(target: text)
            stopped = true
            return true
        case .target:
            // `INSERT OR REPLACE INTO`, `UPDATE OR IGNORE items`, `CREATE TABLE IF NOT EXISTS`, `DELETE
            // FROM`.
            if Self.fillers.contains(upper) || (previousWord == "OR" && Self.conflicts.contains(upper)) {
                return false
            }
            if upper == "SELECT" || upper == "VALUES" { return takePlain(text, upper) }
            return takeName(text)
        case .qualified:
            return takeName(text)
        case .name(let isList):
            if Self.ends.contains(upper) { return takePlain(text, upper) }
            // An alias: the list may go on behind it.
            state = isList ? .name(isList: true) : .plain
            return false
        case .plain:
            return takePlain(text, upper)
        }
    }

    private mutating func takePlain(_ text: String, _ upper: String) -> Bool {
        state = .plain
        switch upper {
        case "SELECT": add(operation: text)
        case "INSERT", "DELETE":
            add(operation: text)
            state = .target(isList: false)
        case "UPDATE" where previousWord != "DO" && previousWord != "ON":
            add(operation: text)
            state = .target(isList: false)
        case "REPLACE" where previousSign == UInt8(ascii: ")"):
            add(operation: text)
            state = .target(isList: false)
        case "FROM" where previousWord != "DISTINCT": state = .target(isList: true)
        case "JOIN": state = .target(isList: true)
        default: break
        }
        return false
    }

    private mutating func begin(_ text: String, _ upper: String) {
        state = .plain
        switch upper {
        case "WITH", "VALUES": if upper == "VALUES" { add(operation: text) }
        case "EXPLAIN":
            add(operation: text)
        case "INSERT", "REPLACE", "UPDATE", "DELETE":
            add(operation: text)
            state = .target(isList: false)
        case "CREATE", "DROP", "ALTER":
            add(operation: text)
            state = .kindOfThing
        case "PRAGMA":
            add(operation: text)
            state = .pragma
        case "SELECT": add(operation: text)
        default:
            add(operation: text)
            stopped = true
        }
    }

    private mutating func takeKind(_ text: String, _ upper: String) {
        guard Self.things.contains(upper) else { return }
        // "CREATE TABLE" is one operation; the words between ("TEMP", "UNIQUE", "VIRTUAL") say nothing of
        // what is done.
        let operation = "\(operations.removeLast()) \(text)"
        words.removeLast()
        add(operation: operation)
        isDefinition = true
        state = .target(isList: false)
    }

    private mutating func takeName(_ name: String) -> Bool {
        switch state {
        case .target(let isList):
            add(target: name)
            state = .name(isList: isList)
        case .qualified(let isList):
            targets.removeLast()
            words.removeLast()
            add(target: name)
            state = .name(isList: isList)
        case .pragma:
            add(target: name)
            stopped = true
            return true
        case .name, .start, .plain, .kindOfThing: return false
        }
        return true
    }

    private mutating func add(operation: String) {
        operations.append(operation)
        words.append(operation)
    }

    private mutating func add(target: String) {
        targets.append(target)
        words.append(target)
    }

    struct Result {
        var summary: String
        var operation: String?
        var collection: String?
        var category: SQLDescription.Category
    }

    func finish() -> Result {
        var summary = ""
        for word in words {
            let longer = summary.isEmpty ? word : "\(summary) \(word)"
            if longer.count > SQLDescription.summaryCharactersMax { break }
            summary = longer
        }
        // "The operation name SHOULD NOT be extracted from db.query.text, when the database system supports
        // query text with multiple operations": SQLite compiles one statement at a time, and where that one
        // holds several operations (subqueries, INSERT … SELECT), or names several tables, nothing is said.
        let category = category
        return Result(
            summary: summary, operation: operations.count == 1 ? operations.first : nil,
            collection: category == .data && Set(targets).count == 1 ? targets.first : nil, category: category
        )
    }

    private var category: SQLDescription.Category {
        switch operations.first?.uppercased() {
        case "BEGIN", "COMMIT", "END", "SAVEPOINT", "RELEASE": return .transaction
        case "ROLLBACK": return .rollback
        case "PRAGMA": return .housekeeping
        default:
            let isSchema =
                !targets.isEmpty && targets.allSatisfy { Self.schemaTables.contains($0.lowercased()) }
            return isSchema ? .housekeeping : .data
        }
    }

    private static let fillers: Set<String> = ["OR", "INTO", "FROM", "IF", "NOT", "EXISTS", "ONLY"]
    private static let conflicts: Set<String> = ["REPLACE", "IGNORE", "ABORT", "FAIL", "ROLLBACK"]
    private static let things: Set<String> = ["TABLE", "INDEX", "VIEW", "TRIGGER"]
    private static let ends: Set<String> = [
        "WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "WINDOW", "UNION", "EXCEPT", "INTERSECT", "SET",
        "VALUES",
        "SELECT", "DEFAULT", "ON", "USING", "JOIN", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL",
        "OUTER",
        "RETURNING", "INDEXED", "NOT", "FROM", "WITH",
    ]
    private static let schemaTables: Set<String> = [
        "sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema",
    ]
}
