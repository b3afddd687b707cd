/**
 * Kills the bot while signals come, in every row of the table: all of them must be in Slack once. `--only storm` runs
 * one row or several, `--seed` decides what happens by chance, `--lanes` is how many rows run at once.
 */
import '../in-memory.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../../src/db/database.ts';
import { makeTemplate } from '../db/embedded/make-template.ts';
import { administer } from '../postgres/administer.ts';
import { startPostgres } from '../postgres/server.ts';
import { ROWS, type Row } from './signals-conditions.ts';
import { type Outcome, runSignals } from './signals-run.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '3' },
  },
});
const only = values.only?.split(',');
const rows = ROWS.filter(({ name }) => !only || only.includes(name));
if (rows.length === 0) throw new Error(`no such row; there are ${ROWS.map(({ name }) => name).join(', ')}`);

const TEMPLATE = 'eks_audit_signals';
let databases = 0;
const started = Date.now();
const dir = mkdtempSync(join(tmpdir(), 'eks-audit-signals-'));
const compileCache = join(dir, 'compiled');
const needsPostgres = rows.some(({ conditions }) => conditions.database !== 'embedded');
const server = needsPostgres ? await startPostgres() : undefined;
let passed = 0;
let failed: Row[] = [];
try {
  const template = await makeTemplate(join(dir, 'template'));
  if (server) await makePostgresTemplate();
  // Ends cleanly and so leaves what it compiled to the others; and shows that all is well where nobody dies.
  const [calm = rows[0]] = ROWS;
  if (calm) await tell({ ...calm, name: 'undisturbed', signals: 8, everywhere: false }, true);
  // Where a bot may die everywhere it needs the machine for itself, or it is dead before it has done anything.
  for (const row of rows.filter(({ everywhere }) => everywhere)) await tell(row, false);
  const waiting = rows.filter(({ everywhere }) => !everywhere);
  await Promise.all(
    Array.from({ length: Number(values.lanes) }, async () => {
      for (let row = waiting.shift(); row; row = waiting.shift()) await tell(row, false);
    }),
  );

  // CI's machines stall for seconds at times; what fails twice in a row has failed. By hand it fails at once.
  if (process.env.CI) {
    const again = failed;
    failed = [];
    for (const row of again) await tell(row, false);
  }

  async function tell(row: Row, gently: boolean): Promise<void> {
    const database = row.conditions.database === 'embedded' ? undefined : await freshDatabase();
    const outcome = await runSignals({
      row,
      seed: Number(values.seed),
      template,
      compileCache,
      databaseUrl: database,
      gently,
    });
    report(row, outcome);
  }
} finally {
  await server?.remove();
  rmSync(dir, { recursive: true, force: true });
}
for (const { name } of failed) process.stdout.write(`failed: --only ${name} --seed ${values.seed}\n`);
process.stdout.write(`${((Date.now() - started) / 1000).toFixed(0)} s\n${passed} passed, ${failed.length} failed\n`);
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;

async function makePostgresTemplate(): Promise<void> {
  if (!server) return;
  await administer(server.url('postgres'), `create database ${TEMPLATE}`);
  const database = await openDatabase({ DATABASE_URL: server.url(TEMPLATE), DATA_DIR: '' });
  await database.close();
}

async function freshDatabase(): Promise<string | undefined> {
  if (!server) return undefined;
  const database = `run_${databases++}`;
  await administer(server.url('postgres'), `create database ${database} template ${TEMPLATE}`);
  return server.url(database);
}

function report(row: Row, { problems, signals, kills, acts, repeats, folded, missing, seconds }: Outcome): void {
  const counts = `${signals} signals, ${kills} kills, ${acts} acts, ${repeats} repeats, ${folded} folded`;
  process.stdout.write(`${row.name.padEnd(36)} ${seconds.toFixed(0).padStart(4)} s  ${counts}\n`);
  if (row.everywhere) process.stdout.write(`    boundaries nobody died at: ${missing.join(', ') || 'none'}\n`);
  for (const problem of problems.slice(0, 20)) process.stdout.write(`    ${problem.slice(0, 2_000)}\n`);
  if (problems.length > 20) process.stdout.write(`    and ${problems.length - 20} more\n`);
  if (problems.length > 0) failed.push(row);
  else passed += 1;
}
