/** Every call of ours that needs a permission is in the table that names it when Datadog refuses. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PERMISSIONS } from '../../playground/datadog/permissions.ts';
import { permissionFor } from '../../src/datadog/scopes.ts';

const FOLDER = new URL('../../src/datadog/', import.meta.url);

test('the permission of each call is the one of Datadog’s API description', () => {
  const source = readdirSync(FOLDER)
    .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
    .join('\n');
  const calls = [...source.matchAll(/datadog\.call\('\w+', '(\w+)'/g)].map((match) => match[1] ?? '');
  expect(calls.length).toBeGreaterThan(15);
  for (const call of new Set(calls)) {
    const operation = `${call.charAt(0).toUpperCase()}${call.slice(1)}`;
    expect([call, permissionFor(call)]).toEqual([call, PERMISSIONS[operation]?.[0]]);
  }
});
