// SPDX-License-Identifier: Apache-2.0

import BackendHTTPAPI
import ChildProcess
import Foundation
import Testing

@Suite("HTTP API: its description")
struct OpenAPITests {
    private func document() async throws -> APIClient.Answer {
        try await APIClient(ArrayStore()).get("/api/openapi.json")
    }

    @Test("it names the paths and parameters that the handlers take")
    func paths() async throws {
        let paths = try #require(try await document().json["paths"] as? [String: [String: [String: Any]]])
        #expect(
            paths.keys.sorted() == [
                "/api/openapi.json", "/api/v1/attributes", "/api/v1/attributes/{key}/values", "/api/v1/logs",
                "/api/v1/receivers", "/api/v1/services",
                "/api/v1/services/{service}/operations", "/api/v1/store",
                "/api/v1/traces", "/api/v1/traces/{traceId}", "/api/v1/traces/{traceId}/analysis",
                "/api/v1/traces/{traceId}/logs", "/health", "/metrics", "/ready",
            ])
        let parameters = try #require(
            paths["/api/v1/traces"]?["get"]?["parameters"] as? [[String: Any]])
        for parameter in parameters {
            let name = try #require(parameter["name"] as? String)
            let answer = try await APIClient(ArrayStore()).get("/api/v1/traces?\(name)=")
            #expect(answer.status == 200, "\(name)")
        }
    }

    @Test("it is OpenAPI 3.1: openapi-spec-validator has nothing to say")
    func valid() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "openapi.json")
        try await Data(document().body).write(to: file)
        let validator = try Program(
            executable: Program.packageRoot.appending(path: ".venv/bin/python"),
            arguments: ["-m", "openapi_spec_validator", "--schema", "3.1", file.path()])
        let code = await validator.exitCode()
        #expect(code == 0, "\(validator.output)\(validator.errors)")
    }

    @Test(
        "answers are as it says: checked with a validator of JSON Schema",
        arguments: [
            ("/api/v1/services", "Services"), ("/api/v1/receivers", "Receivers"),
            ("/api/v1/services/shop%2Fitems%20%C3%BC/operations", "Operations"),
            ("/api/v1/attributes", "Attributes"),
            ("/api/v1/attributes/http.route/values?scope=span", "AttributeValues"),
            ("/api/v1/traces", "TracePage"), ("/api/v1/traces/\(AnswerTests.id)", "TracesData"),
            ("/api/v1/traces/\(AnswerTests.id)/analysis", "TraceAnalysis"),
            ("/api/v1/logs", "LogPage"), ("/api/v1/traces/\(AnswerTests.id)/logs", "LogsData"),
            ("/api/v1/store", "Store"), ("/health", "Health"), ("/ready", "Health"),
            ("/api/v1/logs?severity=loud", "Error"), ("/api/v1/traces?limit=x", "Error"),
            ("/api/v1/traces/00000000000000000000000000000001", "Error"), ("/api/nothing", "Error"),
        ])
    func schemas(path: String, schema: String) async throws {
        let folder = try TemporaryFolder()
        try await Data(document().body).write(to: folder.url.appending(path: "openapi.json"))
        try await Data(APIClient(AnswerTests.store, logs: LogRouteTests.logs).get(path).body)
            .write(to: folder.url.appending(path: "answer.json"))
        let script = """
            import json, sys
            from jsonschema import Draft202012Validator
            document = json.load(open("openapi.json"))
            root = {"$ref": "#/components/schemas/" + sys.argv[1], "components": document["components"]}
            Draft202012Validator(root).validate(json.load(open("answer.json")))
            """
        let validator = try Program(
            executable: Program.packageRoot.appending(path: ".venv/bin/python"),
            arguments: ["-c", script, schema], directory: folder.url)
        let code = await validator.exitCode()
        #expect(code == 0, "\(validator.errors.suffix(2_000))")
    }
}
