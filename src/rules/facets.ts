/**
 * The values of one facet of a log (`@usr.name`, `host`, `forwardername`, `timestamp`), for grouping and measuring.
 */
import type { LogEvent } from './query.ts';

export type FacetValue = string | number | boolean;

/** Empty when the log does not have the facet; several when the value is an array or the tag repeats. */
export function facetValues(event: LogEvent, facet: string): FacetValue[] {
  if (facet === 'timestamp' || facet === '@timestamp') return event.timestamp === undefined ? [] : [event.timestamp];
  if (facet.startsWith('@')) return [...new Set(attributeValues(event.attributes, facet.slice(1)))];
  if (facet === 'host' || facet === 'service' || facet === 'status' || facet === 'source') {
    const value = event[facet];
    return value === undefined ? [] : [value];
  }
  const prefix = `${facet}:`;
  const values = event.tags.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length));
  return [...new Set(values)];
}

/** Keys may hold dots themselves (`annotations["authorization.k8s.io/decision"]`), so every split is tried. */
function attributeValues(value: unknown, path: string): FacetValue[] {
  if (Array.isArray(value)) return value.flatMap((item) => attributeValues(item, path));
  if (path === '') return isScalar(value) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const found: FacetValue[] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (!path.startsWith(key)) continue;
    if (key.length === path.length) found.push(...attributeValues(inner, ''));
    else if (path[key.length] === '.') found.push(...attributeValues(inner, path.slice(key.length + 1)));
  }
  return found;
}

function isScalar(value: unknown): value is FacetValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
