// SPDX-License-Identifier: Apache-2.0

internal import OTLPReceiver
internal import TelemetryModel
internal import TelemetryStorage

/// Everything that `/metrics` tells: what is counted where it happens, and what is asked when it is read.
struct ServerMetrics: Sendable {
    let receivers = ReceiverMetrics()
    /// Of the answers of the HTTP API, by the path of the route.
    let queries = Histogram()
    /// From a request's spans to their acknowledgement, refused ones too.
    let writes = Histogram()
    /// Seconds since 1970 UTC.
    let startTime: Double
    private let startInstant = ContinuousClock.now

    init(startTime: Double) { self.startTime = startTime }

    /// What is true at the moment of reading.
    struct Moment: Sendable {
        var bytesInFlight = 0
        var bytesInFlightMax = 0
        var isReady = true
        /// Nil when the store does not answer.
        var store: StoreStatus?
        var process = ProcessFacts()
        var deleted = RetentionKeeper.Counts()
    }

    func text(_ moment: Moment) -> String {
        var text = PrometheusText()
        writeReceivers(moment, to: &text)
        writeStore(moment, to: &text)
        writeRetention(moment.deleted, to: &text)
        text.histogram(
            "contrail_query_duration_seconds", "Time that answers of the HTTP API took.", queries, by: "route"
        )
        text.gauge(
            "contrail_open_connections", "Connections that are open.",
            ReceiverMetrics.Door.allCases.map {
                ([("port", $0.word)], Double(receivers.counts.connections[$0.rawValue]))
            })
        text.gauge("contrail_ready", "1 when /ready answers 200.", moment.isReady ? 1 : 0)
        text.gauge(
            "contrail_build_info", "Always 1; the version is in the label.",
            [([("version", ContrailVersion.current)], 1)])
        text.gauge(
            "contrail_uptime_seconds", "Time since the start.",
            [([], (ContinuousClock.now - startInstant) / .seconds(1))])
        writeProcess(moment.process, to: &text)
        return text.text
    }

    private func writeReceivers(_ moment: Moment, to text: inout PrometheusText) {
        let counts = receivers.counts
        text.counter(
            "contrail_spans_accepted_total", "Spans that were stored and acknowledged.", counts.spansAccepted)
        text.counter(
            "contrail_spans_refused_total",
            "Spans of requests that could be read, which were not stored, by reason.",
            counts.spansRefused.map { ([("reason", $0.key.word)], $0.value) }.sorted())
        text.counter(
            "contrail_log_records_accepted_total", "Log records that were stored and acknowledged.",
            counts.logRecordsAccepted)
        text.counter(
            "contrail_log_records_refused_total",
            "Log records of requests that could be read, which were not stored, by reason.",
            counts.logRecordsRefused.map { ([("reason", $0.key.rawValue)], $0.value) }.sorted())
        text.counter(
            "contrail_requests_total", "Requests answered, by port and code of gRPC or HTTP.",
            counts.answers.map {
                ([("port", $0.key.door.word), ("code", $0.key.word)], $0.value)
            }.sorted())
        text.counter(
            "contrail_requests_refused_total", "Requests with OTLP that were refused, by port and reason.",
            counts.refusals.map {
                ([("port", $0.key.door.word), ("reason", $0.key.reason.rawValue)], $0.value)
            }.sorted())
        text.counter(
            "contrail_received_bytes_total", "Bytes of requests' bodies as they came, by port.",
            ReceiverMetrics.Door.allCases.map { ([("port", $0.word)], counts.bytesReceived[$0.rawValue]) })
        text.gauge(
            "contrail_requests_in_flight_bytes", "Bytes of OTLP requests that are being worked on.",
            moment.bytesInFlight)
        text.gauge(
            "contrail_requests_in_flight_bytes_max", "The most of them; requests beyond are refused.",
            moment.bytesInFlightMax)
    }

    private func writeStore(_ moment: Moment, to text: inout PrometheusText) {
        text.histogram(
            "contrail_store_write_duration_seconds", "Time until the spans of a request were durable.", writes
        )
        guard let store = moment.store else { return }
        text.gauge("contrail_store_spans", "Spans that are stored.", store.spanCount)
        text.gauge("contrail_store_blocks", "Sealed blocks.", store.blockCount)
        text.gauge(
            "contrail_store_damaged_blocks", "Blocks that cannot be read and are missing from all answers.",
            store.damagedBlockCount)
        text.gauge("contrail_store_damages", "Damages met since the start.", store.damages.count)
        text.gauge(
            "contrail_store_journal_spans", "Spans acknowledged and in no block yet.", store.journalSpanCount)
        text.gauge("contrail_store_journal_bytes", "Bytes of those.", store.journalBytes)
        text.gauge("contrail_store_disk_bytes", "Bytes that the store's files take.", store.diskBytes)
        text.gauge(
            "contrail_store_disk_free_bytes", "Bytes that its file system has left.", store.diskFreeBytes)
    }

    private func writeRetention(_ deleted: RetentionKeeper.Counts, to text: inout PrometheusText) {
        for (what, name) in [(RetentionKeeper.What.spans, "spans"), (.logRecords, "log_records")] {
            text.counter(
                "contrail_retention_deleted_\(name)_total",
                "What retention has deleted: \(what.rawValue), by reason.",
                RetentionPlan.Reason.allCases.map {
                    ([("reason", $0.rawValue)], deleted.items[.init(what: what, reason: $0)] ?? 0)
                })
        }
        text.counter(
            "contrail_retention_failures_total", "Times that retention could not delete what it should.",
            deleted.failures)
    }

    // The names that all client libraries of Prometheus give these.
    private func writeProcess(_ process: ProcessFacts, to text: inout PrometheusText) {
        if let seconds = process.cpuSeconds {
            text.counter("process_cpu_seconds_total", "CPU time, user and system.", seconds: seconds)
        }
        text.gauge("process_resident_memory_bytes", "Resident set.", process.residentBytes)
        text.gauge("process_open_fds", "Open file descriptors.", process.openFiles)
        text.gauge(
            "process_start_time_seconds", "Start, seconds since 1970 UTC.", [([], startTime)])
    }
}

extension [(PrometheusText.Labels, UInt64)] {
    /// By label values, so that two readings can be compared line by line.
    fileprivate func sorted() -> Self {
        sorted { $0.0.map(\.value).lexicographicallyPrecedes($1.0.map(\.value)) }
    }
}

extension ReceiverMetrics.Door {
    fileprivate var word: String {
        switch self {
        case .grpc: "grpc"
        case .http: "http"
        case .ui: "ui"
        }
    }
}

extension ReceiverMetrics.Answer {
    /// HTTP's codes are known by number, gRPC's by name.
    fileprivate var word: String {
        guard door == .grpc else { return "\(code)" }
        return Self.grpcNames.indices.contains(code) ? Self.grpcNames[code] : "\(code)"
    }

    // gRPC, "Status codes and their use", in the order of their numbers.
    private static let grpcNames = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
        "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]
}
