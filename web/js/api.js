// SPDX-License-Identifier: Apache-2.0
// The HTTP API, as docs/http-api.md describes it.

/** @typedef {import("./types.js").TraceSummary} TraceSummary */

/** An answer that is not what was asked for. `status` 0: no answer at all. */
export class APIError extends Error {
    /**
     * @param {string} message
     * @param {number} status
     * @param {string} [parameter] the query parameter that the API objects to
     */
    constructor(message, status, parameter = "") {
        super(message);
        this.status = status;
        this.parameter = parameter;
    }
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
async function get(path, signal) {
    return (await request(path, signal)).body;
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<{body: any, headers: Headers}>}
 */
async function request(path, signal) {
    let response;
    try {
        response = await fetch(path, { signal, headers: { accept: "application/json" } });
    } catch (error) {
        if (signal?.aborted) throw error;
        throw new APIError("Contrail does not answer. Is `contrail serve` still running?", 0);
    }
    /** @type {any} */
    let body = null;
    try {
        body = await response.json();
    } catch (error) {
        if (signal?.aborted) throw error;
        if (response.ok) throw new APIError(`The answer of ${path} is no JSON`, response.status);
    }
    if (response.ok) return { body, headers: response.headers };
    const error = body?.error;
    const message = String(error?.message ?? `${response.status} ${response.statusText}`);
    throw new APIError(message, response.status, String(error?.parameter ?? ""));
}

/**
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function fetchServices(signal) {
    const body = await get("/api/v1/services", signal);
    return names(body?.services);
}

/**
 * @param {string} service
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>} names, each once
 */
export async function fetchOperations(service, signal) {
    const body = await get(`/api/v1/services/${encodeURIComponent(service)}/operations`, signal);
    return [...new Set(names(body?.operations))].sort();
}

/**
 * @param {unknown} list strings, or objects with a name
 * @returns {string[]}
 */
function names(list) {
    if (!Array.isArray(list)) return [];
    return list.map((each) => String(typeof each === "object" && each !== null ? each.name : each));
}

/**
 * @param {string} scope resource, scope, span, event, link; empty for all
 * @param {string} prefix
 * @param {number} limit
 * @param {AbortSignal} [signal]
 * @returns {Promise<{scope: string, key: string, types: string[]}[]>}
 */
export async function fetchAttributeKeys(scope, prefix, limit, signal) {
    const query = new URLSearchParams({ scope, prefix, limit: String(limit) });
    const body = await get(`/api/v1/attributes?${query}`, signal);
    return body?.attributes ?? [];
}

/**
 * @param {string} scope resource, scope, span, event, link; empty for span and resource
 * @param {string} key
 * @param {string} prefix
 * @param {number} limit
 * @param {AbortSignal} [signal]
 * @returns {Promise<string[]>}
 */
export async function fetchAttributeValues(scope, key, prefix, limit, signal) {
    const query = new URLSearchParams({ scope, prefix, limit: String(limit) });
    const body = await get(`/api/v1/attributes/${encodeURIComponent(key)}/values?${query}`, signal);
    return body?.values ?? [];
}

/**
 * @param {URLSearchParams} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<{traces: TraceSummary[], nextCursor: string|null}>}
 */
export async function fetchTraces(query, signal) {
    const body = await get(`/api/v1/traces?${query}`, signal);
    return { traces: body?.traces ?? [], nextCursor: body?.nextCursor ?? null };
}

/**
 * @param {string} traceId
 * @param {AbortSignal} [signal]
 * @returns {Promise<{otlp: any, spanCount: number}>} OTLP/JSON, and how many spans the whole trace has
 */
export async function fetchTrace(traceId, signal) {
    const { body, headers } = await request(`/api/v1/traces/${traceId}`, signal);
    return { otlp: body, spanCount: Number(headers.get("contrail-span-count") ?? 0) };
}

/**
 * The analysis is an extra: a trace is shown without it when the server has none.
 * @param {string} traceId
 * @param {AbortSignal} [signal]
 * @returns {Promise<any|null>}
 */
export async function fetchAnalysis(traceId, signal) {
    try {
        return await get(`/api/v1/traces/${traceId}/analysis`, signal);
    } catch (error) {
        if (error instanceof APIError && error.status !== 0) return null;
        throw error;
    }
}

/**
 * Log lines are an extra too.
 * @param {string} traceId
 * @param {AbortSignal} [signal]
 * @returns {Promise<{otlp: any|null, isComplete: boolean}>} OTLP/JSON; not complete when only the latest are there
 */
export async function fetchTraceLogs(traceId, signal) {
    try {
        const { body, headers } = await request(`/api/v1/traces/${traceId}/logs`, signal);
        return { otlp: body, isComplete: headers.get("contrail-complete") !== "false" };
    } catch (error) {
        if (error instanceof APIError) return { otlp: null, isComplete: true };
        throw error;
    }
}

/** @typedef {{http: number, grpc: number, known: boolean}} Receivers ports that take OTLP */

/**
 * The usual ones when the server does not tell.
 * @returns {Promise<Receivers>}
 */
export async function fetchReceivers() {
    const usual = { http: 4318, grpc: 4317, known: false };
    try {
        const { httpPort, grpcPort } = await get("/api/v1/receivers") ?? {};
        const known = Number.isInteger(httpPort) && Number.isInteger(grpcPort);
        return known ? { http: httpPort, grpc: grpcPort, known } : usual;
    } catch {
        return usual;
    }
}

/**
 * @param {string} traceId
 */
export function traceDownloadPath(traceId) {
    return `/api/v1/traces/${traceId}`;
}
