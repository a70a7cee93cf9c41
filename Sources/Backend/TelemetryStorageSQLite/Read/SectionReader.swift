// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Reads the sections of one block from their rows.
struct SectionReader {
    let database: Database
    let block: Int64

    func head() throws(StorageError) -> BlockHead {
        try BlockHead(number: block, bytes: try section(SectionNumber.head))
    }

    /// All rows, whose values stay in their sections.
    func storedBlock() throws(StorageError) -> StoredBlock {
        let head = try self.head()
        return try StoredBlock(
            head, try StoredTraces(head, try section(SectionNumber.traces)),
            try StoredCodes(head, try section(SectionNumber.codes)), section)
    }

    /// What a section holds.
    func section(_ number: Int) throws(StorageError) -> [UInt8] {
        do {
            let statement = try database.cachedStatement(sql: SQL.selectSection)
            let key = StoreSchema.rowNumber(block: block, section: number)
            let rows = try Row.fetchCursor(statement, arguments: [key])
            guard let row = try rows.next() else {
                throw StorageError.damaged("section \(number) is missing")
            }
            // Unpacked from SQLite's own memory.
            return try row.withUnsafeData(atIndex: 0) { data in
                try (data ?? Data()).withUnsafeBytes { try Section.unpack($0) }
            }
        } catch StorageError.damaged(let what) {
            throw .damaged("section \(number), \(what)")
        } catch {
            throw StorageError(sqlite: error)
        }
    }
}
