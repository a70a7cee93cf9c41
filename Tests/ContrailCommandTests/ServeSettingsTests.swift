// SPDX-License-Identifier: Apache-2.0

import BackendServer
import Testing

@testable import ContrailCommand

@Suite("Settings of serve")
struct ServeSettingsTests {
    private func backend(
        _ flags: [ServeSetting: String] = [:], _ environment: [String: String] = ["HOME": "/home/a"]
    ) throws(CommandFailure) -> BackendServerConfiguration {
        try ServeSettings(flags: flags, environment: environment).backend()
    }

    @Test("nobody says anything: loopback, the usual ports, a folder of the user")
    func defaults() throws {
        let configuration = try backend()
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.ports == [.grpc: 4317, .http: 4318, .ui: 16686])
        #expect(configuration.storage == .directory("/home/a/.local/share/contrail"))
    }

    @Test("every setting has a variable")
    func environment() throws {
        let configuration = try backend(
            [:],
            [
                "CONTRAIL_HOST": "0.0.0.0", "CONTRAIL_GRPC_PORT": "1", "CONTRAIL_HTTP_PORT": "2",
                "CONTRAIL_UI_PORT": "3", "CONTRAIL_DATA_DIR": "/srv/traces",
            ])
        #expect(configuration.host == "0.0.0.0")
        #expect(configuration.ports == [.grpc: 1, .http: 2, .ui: 3])
        #expect(configuration.storage == .directory("/srv/traces"))
        #expect(try backend([:], ["CONTRAIL_IN_MEMORY": "TRUE"]).storage == .memory)
    }

    @Test("a flag wins over its variable, and an empty variable is none")
    func precedence() throws {
        let variables = ["CONTRAIL_UI_PORT": "3", "CONTRAIL_HOST": "", "HOME": "/home/a"]
        let configuration = try backend([.uiPort: "0"], variables)
        #expect(configuration.ports[.ui] == 0)
        #expect(configuration.host == "127.0.0.1")
    }

    @Test("--data-dir wins over CONTRAIL_IN_MEMORY, and contradicts --in-memory")
    func directoryOrMemory() throws {
        let variables = ["CONTRAIL_IN_MEMORY": "true"]
        #expect(try backend([.dataDirectory: "/d"], variables).storage == .directory("/d"))
        #expect(try backend([.inMemory: "true"], ["CONTRAIL_DATA_DIR": "/d"]).storage == .memory)
        let both = #expect(throws: CommandFailure.self) {
            try backend([.dataDirectory: "/d", .inMemory: "true"])
        }
        #expect(both?.description == "--data-dir and --in-memory contradict each other: say one of them.")
    }

    @Test("a file of sampling strategies comes as flag or variable, and nobody need say one")
    func samplingStrategies() throws {
        #expect(try backend().samplingStrategies == nil)
        #expect(try backend([.samplingStrategies: "a.json"]).samplingStrategies == "a.json")
        let variables = ["CONTRAIL_SAMPLING_STRATEGIES": "b.json", "HOME": "/home/a"]
        #expect(try backend([:], variables).samplingStrategies == "b.json")
    }

    @Test("limits of retention are durations, sizes and percents, or off")
    func retention() throws {
        #expect(
            try backend().retention == RetentionLimits(age: .seconds(259_200), bytes: nil, diskShare: 0.9))
        let flags: [ServeSetting: String] = [
            .retentionAge: "14d", .retentionBytes: "1.5GiB", .retentionDiskShare: "50%",
        ]
        let limits = RetentionLimits(age: .seconds(14 * 86_400), bytes: 3 << 29, diskShare: 0.5)
        #expect(try backend(flags).retention == limits)
        let variables = [
            "CONTRAIL_RETENTION_AGE": "off", "CONTRAIL_RETENTION_BYTES": "20000000",
            "CONTRAIL_RETENTION_DISK_SHARE": "off", "HOME": "/home/a",
        ]
        #expect(
            try backend([:], variables).retention
                == RetentionLimits(age: nil, bytes: 20_000_000, diskShare: nil))
        #expect(try backend([.retentionBytes: "2MB"]).retention.bytes == 2_000_000)
        for (setting, bad) in [
            (ServeSetting.retentionAge, "0"), (.retentionAge, "72"), (.retentionAge, "10ms"),
            (.retentionBytes, "1"), (.retentionBytes, "-5GB"), (.retentionBytes, "many"),
            (.retentionBytes, "1e30"), (.retentionBytes, "99999999999TiB"), (.retentionDiskShare, "0"),
            (.retentionDiskShare, "101%"), (.retentionDiskShare, "nan"), (.retentionDiskShare, ""),
        ] {
            let failure = #expect(throws: CommandFailure.self) { try backend([setting: bad]) }
            #expect(failure?.description.hasPrefix("\(setting.flag) is '\(bad)'; write ") == true)
        }
    }

    @Test("allowed hosts come as flags or with commas, and nothing but names is taken")
    func allowedHosts() throws {
        #expect(try backend().allowedHosts == [])
        #expect(try backend([.allowedHost: "a,b.example"]).allowedHosts == ["a", "b.example"])
        let variables = ["CONTRAIL_ALLOWED_HOST": "contrail, traces_1", "HOME": "/home/a"]
        #expect(try backend([:], variables).allowedHosts == ["contrail", "traces_1"])
        for bad in ["http://a", "a:80", "a b", "*"] {
            let failure = #expect(throws: CommandFailure.self) { try backend([.allowedHost: bad]) }
            #expect(failure?.description.hasPrefix("--allowed-host is '") == true)
        }
    }

    @Test("the data folder follows XDG_DATA_HOME when that is absolute")
    func dataHome() throws {
        let absolute = try backend([:], ["XDG_DATA_HOME": "/x", "HOME": "/home/a"])
        #expect(absolute.storage == .directory("/x/contrail"))
        let relative = try backend([:], ["XDG_DATA_HOME": "x", "HOME": "/home/a"])
        #expect(relative.storage == .directory("/home/a/.local/share/contrail"))
        let failure = #expect(throws: CommandFailure.self) { try backend([:], [:]) }
        #expect(failure?.description.contains("--data-dir") == true)
    }

    @Test("an IPv6 address may stand in the brackets that it has in a URL")
    func brackets() throws {
        #expect(try backend([.host: "[::1]"]).host == "::1")
        #expect(try backend([.host: "::1"]).host == "::1")
        #expect(try backend([.host: "[name]"]).host == "[name]")
    }

    @Test("one port for two doors is said here, not blamed on another program")
    func equalPorts() throws {
        let both = #expect(throws: CommandFailure.self) { try backend([.grpcPort: "5000", .uiPort: "5000"]) }
        #expect(both?.description.hasPrefix("--grpc-port and --ui-port are both 5000; ") == true)
        let usual = #expect(throws: CommandFailure.self) {
            try backend([:], ["CONTRAIL_UI_PORT": "4318", "HOME": "/home/a"])
        }
        #expect(usual?.description.hasPrefix("--http-port and CONTRAIL_UI_PORT are both 4318; ") == true)
        #expect(try backend([.grpcPort: "0", .httpPort: "0", .uiPort: "0"]).ports[.ui] == 0)
    }

    @Test("a bad value is named with where it came from", arguments: ["-1", "65536", "http", "4317 "])
    func badPort(text: String) {
        let flag = #expect(throws: CommandFailure.self) { try backend([.grpcPort: text]) }
        #expect(flag?.description == "--grpc-port is '\(text)'; it must be a port from 0 to 65535.")
        let variable = #expect(throws: CommandFailure.self) {
            try backend([:], ["CONTRAIL_HTTP_PORT": text, "HOME": "/home/a"])
        }
        #expect(
            variable?.description == "CONTRAIL_HTTP_PORT is '\(text)'; it must be a port from 0 to 65535.")
    }
}
