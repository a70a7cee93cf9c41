// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation

/// The FastAPI service in `fastapi-items`, instrumented with OpenTelemetry Python, as a child process.
struct PythonService {
    let program: Program
    let port: Int

    static let python = Program.packageRoot.appending(path: ".venv/bin/python")

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python.path()) }

    /// Starts it on a free port, exporting to `endpoint` by `transport` ("grpc" or "http"); `module` is "app", or
    /// "chain" for the one that calls on.
    static func start(
        _ module: String = "app", exportingTo endpoint: String, by transport: String, in folder: URL
    ) async throws -> PythonService {
        let program = try Program(
            executable: python,
            arguments: ["-m", "uvicorn", "\(module):app", "--host", "127.0.0.1", "--port", "0"],
            environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
                "OTLP_PROTO": transport,
                "ITEMS_DB": folder.appending(path: "items.db").path(),
                "BSP_DELAY_MS": "100",
                "PYTHONUNBUFFERED": "1",
            ],
            directory: Program.packageRoot.appending(path: "Tests/Interop/fastapi-items"))
        // uvicorn says its port on standard error: "Uvicorn running on http://127.0.0.1:40123 (Press …".
        let port = try await eventually("uvicorn to listen") {
            program.errors.firstMatch(of: /running on http:\/\/127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
        }
        return PythonService(program: program, port: port)
    }
}
