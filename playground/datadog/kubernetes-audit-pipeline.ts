/**
 * Datadog's "Kubernetes Audit" pipeline: copies the raw audit fields to standard attributes and keeps both.
 * Its definition is not public; the names are those that Datadog's own rules for this source query.
 */

export function standardiseKubernetesAudit(attributes: Record<string, unknown>): void {
  const username = at(attributes, 'user', 'username');
  const code = at(attributes, 'responseStatus', 'code');
  const sourceIps = attributes.sourceIPs;
  const uri = attributes.requestURI;
  if (typeof username === 'string') put(attributes, username, 'usr', 'name');
  if (typeof username === 'string') put(attributes, username, 'usr', 'id');
  // The Kubernetes verb, not the HTTP method: an exec over WebSocket is `get`, over SPDY `create`.
  if (typeof attributes.verb === 'string') put(attributes, attributes.verb, 'http', 'method');
  if (typeof code === 'number') put(attributes, code, 'http', 'status_code');
  if (typeof uri === 'string') put(attributes, uri.split('?')[0], 'http', 'url_details', 'path');
  if (Array.isArray(sourceIps) && sourceIps.length > 0) put(attributes, sourceIps[0], 'network', 'client', 'ip');
}

function at(attributes: Record<string, unknown>, outer: string, inner: string): unknown {
  const value = attributes[outer];
  return isObject(value) ? value[inner] : undefined;
}

function put(attributes: Record<string, unknown>, value: unknown, ...path: string[]): void {
  let target = attributes;
  for (const name of path.slice(0, -1)) {
    const next = isObject(target[name]) ? target[name] : {};
    target[name] = next;
    target = next;
  }
  target[path.at(-1) ?? ''] = value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
