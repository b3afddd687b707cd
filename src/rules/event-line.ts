/** One audit event in a line of a terminal. Pure. */
import { oneLine } from '../slack/rich-text.ts';
import { facetValues } from './facets.ts';
import type { LogEvent } from './query.ts';

const CELL = 60;

export function auditLine(at: Date, event: LogEvent): string {
  const first = (field: string) => String(facetValues(event, field)[0] ?? '');
  const object = ['@objectRef.namespace', '@objectRef.resource', '@objectRef.subresource', '@objectRef.name']
    .map(first)
    .filter(Boolean)
    .join('/');
  return [
    at.toISOString().slice(11, 19),
    ...[first('@usr.name'), first('@http.method'), object, first('@http.status_code')].map((cell) =>
      cell === '' ? '–' : oneLine(cell, CELL),
    ),
  ].join('  ');
}
