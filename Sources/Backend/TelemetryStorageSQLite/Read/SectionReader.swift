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

    /// What a section holds.
    func section(_ number: Int) throws(StorageError) -> [UInt8] {
        do {
            let statement = try database.cachedStatement(sql: SQL.selectSection)
            let row = StoreSchema.rowNumber(block: block, section: number)
            guard let data = try Data.fetchOne(statement, arguments: [row]) else {
                throw StorageError.damaged("section \(number) is missing")
            }
            return try Section.unpack([UInt8](data))
        } catch StorageError.damaged(let what) {
            throw .damaged("section \(number), \(what)")
        } catch {
            throw StorageError(sqlite: error)
        }
    }
}
