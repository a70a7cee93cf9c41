// SPDX-License-Identifier: Apache-2.0

extension Resolver {
    mutating func batch(_ code: TelemetrySettings.Batch) -> ResolvedSettings.Batch {
        let delay = milliseconds(code.scheduleDelay, .batchScheduleDelay, atLeast: 1, standard: 5_000)
        let timeout = milliseconds(code.exportTimeout, .batchExportTimeout, atLeast: 0, standard: 30_000)
        let (queue, queueOrigin) = count(code.maxQueueSize, .batchQueueSize, standard: 2_048)
        var (size, sizeOrigin) = count(code.maxExportBatchSize, .batchSize, standard: 512)
        // "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: Must be less than or equal to OTEL_BSP_MAX_QUEUE_SIZE."
        if size > queue {
            if sizeOrigin != .standard {
                warn(
                    sizeOrigin == .code ? Variable.batchSize.twin : Variable.batchSize.name, value: "\(size)",
                    "is more than the queue holds", using: "\(queue)")
            }
            (size, sizeOrigin) = (queue, queueOrigin)
        }
        note("batch.max_queue_size", "\(queue)", queueOrigin)
        note("batch.max_export_batch_size", "\(size)", sizeOrigin)
        return ResolvedSettings.Batch(
            scheduleDelay: delay, exportTimeout: timeout, maxQueueSize: queue, maxExportBatchSize: size)
    }

    private mutating func count(
        _ code: Int?, _ variable: Variable, standard: Int
    ) -> (Int, SettingOrigin) {
        var inEnvironment: Int?
        if case .number(let number) = read(variable, else: "\(standard)") { inEnvironment = number }
        var inCode = code
        if let value = code, !(1...Variable.queueSpansMax).contains(value) {
            inCode = nil
            warn(
                variable.twin, value: "\(value)", "is not in 1...\(Variable.queueSpansMax)",
                using: "\(inEnvironment ?? standard)")
        }
        return choose(inCode, inEnvironment, variable, standard)
    }

    private mutating func milliseconds(
        _ code: Duration?, _ variable: Variable, atLeast minimum: Int, standard: Int
    ) -> Duration {
        var inEnvironment: Int?
        if case .number(let number) = read(variable, else: "\(standard)") { inEnvironment = number }
        let fallback = Duration.milliseconds(inEnvironment ?? standard)
        var inCode = code
        if let value = code, value < .milliseconds(minimum) {
            inCode = nil
            warn(variable.twin, value: "\(value)", "is below \(minimum) ms", using: "\(fallback)")
        }
        let (duration, origin) = choose(
            inCode, inEnvironment.map { .milliseconds($0) }, variable, .milliseconds(standard))
        note(variable.reportName, "\(duration)", origin)
        return duration
    }
}

extension Variable {
    /// `settings.traces.batch.scheduleDelay` → `batch.schedule_delay`
    fileprivate var reportName: String {
        let name = twin.split(separator: ".").last ?? ""
        return name.reduce(into: "batch.") { result, character in
            result += character.isUppercase ? "_" + character.lowercased() : String(character)
        }
    }
}
