// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

extension Resolver {
    mutating func limits(_ code: TelemetrySettings) -> SpanLimits {
        let spans = code.traces.limits
        let general = code.attributeLimits
        let standard = SpanLimits()
        func limit(
            _ name: String, _ code: Int?, _ variable: Variable, general: GeneralLimit? = nil, standard: Int,
            _ resolver: inout Resolver
        ) -> Int {
            resolver.limit(name, code, variable, general, standard, shown: "\(standard)") ?? standard
        }
        let count = GeneralLimit(code: general.count, variable: .attributeCountLimit)
        var limits = SpanLimits()
        limits.attributeCount = limit(
            "limits.attribute_count", spans.attributeCount, .spanAttributeCountLimit, general: count,
            standard: standard.attributeCount, &self)
        limits.eventCount = limit(
            "limits.event_count", spans.eventCount, .spanEventCountLimit, standard: standard.eventCount, &self
        )
        limits.linkCount = limit(
            "limits.link_count", spans.linkCount, .spanLinkCountLimit, standard: standard.linkCount, &self)
        limits.attributesPerEvent = limit(
            "limits.attributes_per_event", spans.attributesPerEvent, .eventAttributeCountLimit,
            general: count,
            standard: standard.attributesPerEvent, &self)
        limits.attributesPerLink = limit(
            "limits.attributes_per_link", spans.attributesPerLink, .linkAttributeCountLimit, general: count,
            standard: standard.attributesPerLink, &self)
        limits.attributeValueLength = self.limit(
            "limits.attribute_value_length", spans.attributeValueLength, .spanAttributeValueLengthLimit,
            GeneralLimit(code: general.valueLength, variable: .attributeValueLengthLimit), nil,
            shown: "no limit")
        if let depth = spans.attributeValueDepth { limits.attributeValueDepth = depth }
        return limits
    }

    /// A limit of attributes wherever they stand.
    private struct GeneralLimit {
        let code: Int?
        let variable: Variable
    }

    // "If both a general and a model-specific limit are implemented, then the SDK MUST first attempt to use the
    // model-specific limit, if it isn't set, then the SDK MUST attempt to use the general limit."
    private mutating func limit(
        _ name: String, _ code: Int?, _ variable: Variable, _ general: GeneralLimit?, _ standard: Int?,
        shown: String
    ) -> Int? {
        // The most general first, so that a warning can say what holds instead.
        var chosen = (value: standard, origin: SettingOrigin.standard)
        var chosenText: String { chosen.value.map(String.init) ?? shown }
        if let general {
            read(general.variable, else: chosenText).number.map {
                chosen = ($0, .environment(general.variable.name))
            }
            usable(general.code, general.variable, else: chosenText).map { chosen = ($0, .code) }
        }
        read(variable, else: chosenText).number.map { chosen = ($0, .environment(variable.name)) }
        usable(code, variable, else: chosenText).map { chosen = ($0, .code) }
        // What is said in code as the greatest number is said to be no limit.
        if chosen.value == .max { chosen.value = standard == nil ? nil : .max }
        note(name, chosen.value == .max ? "no limit" : chosenText, chosen.origin)
        return chosen.value
    }

    private mutating func usable(_ code: Int?, _ variable: Variable, else used: String) -> Int? {
        guard let code, code < 0 else { return code }
        warn(variable.twin, value: "\(code)", "is negative", using: used)
        return nil
    }
}

extension VariableValue? {
    fileprivate var number: Int? {
        if case .number(let number) = self { number } else { nil }
    }
}
