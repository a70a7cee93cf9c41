// SPDX-License-Identifier: Apache-2.0

import GRDB
import TelemetryStorage

extension Row {
    /// A column of a file that may be damaged: `row[index]` would end the process at NULL, and at a number that is
    /// out of range.
    func value<Value: DatabaseValueConvertible & StatementColumnConvertible>(
        _ index: Int, as type: Value.Type = Value.self
    ) throws(StorageError) -> Value {
        do {
            // SQLite gives 0 for a text where a number is asked for.
            if type is any FixedWidthInteger.Type, case .string = (self[index] as DatabaseValue).storage {
                throw StorageError.damaged("a text for a number")
            }
            return try decode(type, atIndex: index)
        } catch {
            throw .damaged("column \(index) of its row")
        }
    }
}
