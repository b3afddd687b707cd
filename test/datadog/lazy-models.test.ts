/** The installed version of Datadog's client still has the table that is changed while it is loaded. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { withLazyModels } from '../../src/datadog/lazy-models.ts';

const require = createRequire(import.meta.url);
const tableOf = (version: string) =>
  require.resolve(`@datadog/datadog-api-client/dist/packages/datadog-api-client-${version}/models/ObjectSerializer`);

test.each(['v1', 'v2'])('the table of %s names every model and loads none', (version) => {
  const source = readFileSync(tableOf(version), 'utf8');
  const models = source.match(/= require\("\.\/\w+"\);/g)?.length ?? 0;
  const lazy = withLazyModels(source);
  expect(models).toBeGreaterThan(500);
  expect(lazy.match(/^ {4}get \w+\(\) \{ return require\("\.\/(\w+)"\)\.\1; \},$/gm)).toHaveLength(models);
  expect(lazy.match(/^const \w+ = require\("\.\/\w+"\);/gm)).toBeNull();
});

test('a table of another shape stays as it is', () => {
  const source = 'const A_1 = require("./A");\nconst table = {\n    A: A_1.default,\n};\n';
  expect(withLazyModels(source)).toBe(source);
});

/** In a process of its own, because hooks stay for good. */
function inProcess(script: string): unknown {
  const hooks = fileURLToPath(new URL('../../src/datadog/lazy-models.ts', import.meta.url));
  const text = `
    const { loadModelsLazily } = await import(${JSON.stringify(hooks)});
    const { createRequire } = await import('node:module');
    loadModelsLazily();
    const require = createRequire(${JSON.stringify(import.meta.url)});
    const { ObjectSerializer } = require(${JSON.stringify(tableOf('v2'))});
    const loaded = () => Object.keys(require.cache).filter((file) => file.includes('/models/')).length;
    console.log(JSON.stringify(await (async () => { ${script} })()));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', text], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('a request is built from the models it needs, and those alone are loaded', () => {
  const result = inProcess(`
    const before = loaded();
    const body = { filter: { query: '*', from: 'now-15m' }, page: { limit: 1 } };
    const built = ObjectSerializer.serialize(body, 'LogsListRequest', '');
    return { before, built, after: loaded() };`);
  expect(result).toEqual({
    before: 1,
    built: { filter: { query: '*', from: 'now-15m' }, page: { limit: 1 } },
    after: expect.any(Number),
  });
  expect((result as { after: number }).after).toBeLessThan(10);
});

test('a body that does not fit its model is still refused', () => {
  const error = inProcess(`
    try { ObjectSerializer.serialize({ sort: 'sideways' }, 'LogsListRequest', ''); return ''; }
    catch (error) { return error.message; }`);
  expect(error).toBe("unknown enum value 'sideways'");
});
