// SPDX-License-Identifier: Apache-2.0
// Shapes that several modules share. This module has types only.

/**
 * A trace in a search result, as the HTTP API gives it. Nanoseconds are decimal strings.
 * @typedef {object} TraceSummary
 * @property {string} traceId
 * @property {string} rootService
 * @property {string} rootOperation
 * @property {string} startTimeUnixNano
 * @property {string} durationNano
 * @property {number} spanCount
 * @property {number} errorCount
 * @property {{name: string, spanCount: number, errorCount: number}[]} services
 */

/**
 * A decoded attribute. `type` is OTLP's: string, int, double, bool, bytes, array, map, empty.
 * 64-bit integers stay decimal strings in `value`.
 * @typedef {object} Attribute
 * @property {string} key
 * @property {string} type
 * @property {unknown} value
 */

/**
 * @typedef {object} SpanEvent
 * @property {string} name
 * @property {bigint} time nanoseconds since 1970 UTC
 * @property {number} offset nanoseconds since the trace's start
 * @property {Attribute[]} attributes
 * @property {number} droppedAttributes
 */

/**
 * @typedef {object} SpanLink
 * @property {string} traceId
 * @property {string} spanId
 * @property {string} traceState
 * @property {Attribute[]} attributes
 * @property {number} droppedAttributes
 */

/**
 * @typedef {object} LogLine
 * @property {bigint} time when it happened, else when it was seen
 * @property {string} severity "warn", "info2"; empty when unknown
 * @property {string} text
 * @property {Attribute[]} attributes
 */

/**
 * A span in its tree. Offsets and durations are numbers: nanoseconds fit a double for 104 days.
 * @typedef {object} Span
 * @property {string} key unique in the trace, also when two spans share an id
 * @property {string} id
 * @property {number} position among the trace's spans in OTLP/JSON
 * @property {string} parentId empty for a root
 * @property {string} traceState
 * @property {number} flags
 * @property {string} name
 * @property {string} kind internal, server, client, producer, consumer or unspecified
 * @property {string} service
 * @property {bigint} start
 * @property {bigint} end
 * @property {bigint} clockOffset nanoseconds added to its times in `offset`, because its clock differs
 * @property {number|null} selfTime time in which no child ran, when the analysis said it
 * @property {number} criticalTime time of the critical path spent in it
 * @property {number} offset
 * @property {number} duration
 * @property {"unset"|"ok"|"error"} status
 * @property {string} statusMessage
 * @property {Attribute[]} attributes
 * @property {Attribute[]} resource
 * @property {string} resourceSchema
 * @property {{name: string, version: string, schema: string, attributes: Attribute[]}} scope
 * @property {SpanEvent[]} events
 * @property {SpanLink[]} links
 * @property {number} droppedAttributes
 * @property {number} droppedEvents
 * @property {number} droppedLinks
 * @property {Span|null} parent
 * @property {Span[]} children by start time
 * @property {number} depth 0 for a root
 * @property {number} index position in depth-first order
 * @property {number} last index of the last descendant, its own when it has none
 * @property {boolean} errorBelow a descendant has an error
 * @property {string[]} warnings
 */

/**
 * @typedef {object} TraceWarning
 * @property {string} kind
 * @property {string} text
 * @property {string} spanKey a span to show, empty for none
 */

/**
 * A whole trace, ready to draw.
 * @typedef {object} Trace
 * @property {string} traceId
 * @property {Span[]} spans in depth-first order
 * @property {Span[]} roots
 * @property {Map<string, Span>} byKey
 * @property {bigint} start
 * @property {number} duration
 * @property {{key: string, offset: number, duration: number}[]} critical stretches of the critical path
 * @property {number} depth levels of the tree
 * @property {number} errorCount
 * @property {{name: string, spanCount: number, errorCount: number}[]} services most spans first
 * @property {TraceWarning[]} warnings
 */

/**
 * What the search form holds, as strings like the URL.
 * @typedef {object} SearchState
 * @property {string} service
 * @property {string} operation
 * @property {string} attributes
 * @property {string} minDuration
 * @property {string} maxDuration
 * @property {boolean} errorsOnly
 * @property {string} range
 * @property {string} start local date and time, for range "custom"
 * @property {string} end
 * @property {string} limit
 */

export {};
