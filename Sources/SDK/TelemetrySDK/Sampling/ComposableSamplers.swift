// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

// Source of all: OpenTelemetry specification 1.60, "Built-in ComposableSamplers".

/// Keeps every span.
public struct ComposableAlwaysOnSampler: ComposableSampler {
    public init() {}

    public func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent {
        SamplingIntent(threshold: .always, adjustedCountIsReliable: true)
    }

    public var description: String { "ComposableAlwaysOn" }
}

/// Keeps no span.
public struct ComposableAlwaysOffSampler: ComposableSampler {
    public init() {}

    public func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent { .drop }

    public var description: String { "ComposableAlwaysOff" }
}

/// Keeps a share of traces.
public struct ComposableProbabilitySampler: ComposableSampler {
    /// Between 0 and 1.
    public let ratio: Double
    private let intent: SamplingIntent

    // "A ratio value of 0 is considered non-probabilistic": it is as always off.
    /// Numbers above 1 are taken as 1; those below 2^-56, the smallest share there is, and not-a-number as 0.
    public init(ratio: Double) {
        let threshold = SamplingThreshold(ratio: min(ratio, 1))
        self.ratio = threshold == nil ? 0 : min(ratio, 1)
        intent = SamplingIntent(threshold: threshold, adjustedCountIsReliable: threshold != nil)
    }

    public func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent { intent }

    public var description: String { "ComposableProbability{\(TraceIDRatioBasedSampler.decimal(ratio))}" }
}

/// Follows the parent's decision and hands its threshold on; asks ``root`` when there is no parent.
public struct ComposableParentThresholdSampler: ComposableSampler {
    /// For spans without parent.
    public let root: any ComposableSampler

    public init(root: any ComposableSampler) { self.root = root }

    // "Returns the parent's threshold if available; otherwise, if the parent's sampled flag is set, returns
    // threshold=0; otherwise … no threshold is returned. Sets adjusted_count_reliable to match the parent's
    // reliability, which is true if the parent had a threshold."
    public func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent {
        guard let parent = request.parent, parent.isValid else { return root.samplingIntent(request) }
        if let threshold = request.parentThreshold {
            return SamplingIntent(threshold: threshold, adjustedCountIsReliable: true)
        }
        return parent.isSampled ? SamplingIntent(threshold: .always, adjustedCountIsReliable: false) : .drop
    }

    public var description: String { "ComposableParentThreshold{root:\(root.description)}" }
}

/// Asks the sampler of the first rule that fits; a span that fits none is dropped.
public struct ComposableRuleBasedSampler: ComposableSampler {
    /// A condition, and who decides about the spans that meet it.
    public struct Rule: Sendable {
        public let condition: SpanCondition
        public let sampler: any ComposableSampler

        public init(_ condition: SpanCondition, _ sampler: any ComposableSampler) {
            self.condition = condition
            self.sampler = sampler
        }
    }

    /// Asked in this order.
    public let rules: [Rule]

    public init(_ rules: [Rule]) { self.rules = rules }

    public func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent {
        for rule in rules where rule.condition.matches(request) {
            return rule.sampler.samplingIntent(request)
        }
        return .drop
    }

    public var description: String {
        let rules = rules.map { "(\($0.condition.description):\($0.sampler.description))" }
        return "ComposableRuleBased{\(rules.joined(separator: ","))}"
    }
}

/// Adds attributes to the spans that ``delegate`` keeps.
public struct ComposableAnnotatingSampler: ComposableSampler {
    public let attributes: Attributes
    public let delegate: any ComposableSampler

    /// The delegate's own attributes win over these.
    public init(_ delegate: any ComposableSampler, attributes: Attributes) {
        self.attributes = attributes
        self.delegate = delegate
    }

    public func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent {
        var intent = delegate.samplingIntent(request)
        let own = attributes
        if let inner = intent.attributes {
            intent.attributes = {
                var all = own
                for attribute in inner() { all[attribute.key] = attribute.value }
                return all
            }
        } else {
            intent.attributes = { own }
        }
        return intent
    }

    public var description: String {
        let pairs = attributes.map { "\($0.key)=\($0.value)" }
        return "ComposableAnnotating{\(delegate.description),\(pairs.joined(separator: ","))}"
    }
}
