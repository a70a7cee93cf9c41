// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import TelemetryStorage
internal import TelemetryStorageSQLite

/// `contrail check`: is everything in a data directory readable?
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read a data directory from one end to the other and name what is damaged.",
        discussion: """
            Reads every block of traces and logs, compares checksums, infos and filters, and changes nothing. No \
            contrail may be serving from the directory meanwhile. Exit status: 0; 1 when something is damaged, or \
            the directory cannot be checked.

            A server leaves a damaged block out of its answers and finds everything else. What was in the block is \
            there again only from a backup; without one, retention deletes it in its time.

            EXAMPLES
              contrail check ~/.local/share/contrail
            """)

    @Argument(
        help: ArgumentHelp("The data directory (--data-dir of contrail serve).", valueName: "directory"))
    var directory: String

    func run() async throws {
        var progress = TransferProgress()
        let report: StoreCheck.Report
        do throws(StorageError) {
            report = try StoreCheck.run(directory: directory) { place in
                progress.show(
                    "\(place.file): \(TransferProgress.grouped(place.done)) of "
                        + "\(TransferProgress.grouped(place.count)) blocks")
            }
        } catch {
            progress.end()
            throw CommandFailure("\(error).")
        }
        progress.end()
        let sums =
            TransferProgress.counted(report.spanCount, "span") + " in "
            + TransferProgress.counted(report.blockCount, "block") + " and the journal, "
            + TransferProgress.counted(report.logRecordCount, "log record") + " in "
            + TransferProgress.counted(report.logBlockCount, "block") + " and theirs"
        guard !report.findings.isEmpty else { return Terminal.remark("No damage: \(sums) can be read.") }
        for finding in report.findings {
            try Terminal.write(Array((Terminal.visible("\(finding)") + "\n").utf8))
        }
        let count = report.findings.count
        Terminal.remark(
            "Damaged: \(TransferProgress.counted(count, "part")). \(sums) can be read. contrail serve leaves damaged "
                + "blocks out of its answers; restore the file from a backup to have them again, or take what "
                + "can be read with 'contrail export' into a new directory.")
        throw ExitCode.failure
    }
}
