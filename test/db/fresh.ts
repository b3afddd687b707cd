/** An empty, migrated database for one test, on the engine of the vitest project that runs it. */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import type { Config } from '../../src/config.ts';
import { administer, TEMPLATE_DATABASE } from '../postgres/administer.ts';

const TEMPLATE_WITHIN_MS = 25_000;

export interface FreshDatabase extends AsyncDisposable {
  /** What the bot's configuration says of it. */
  config: Pick<Config, 'DATABASE_URL' | 'DATA_DIR'>;
  /** Call it when everything that used the database is closed: on PostgreSQL a connection left open fails here. */
  remove(): Promise<void>;
}

export async function freshDatabase(): Promise<FreshDatabase> {
  const engine = inject('engine');
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-db-'));
  const made = engine === 'postgres' ? await freshPostgres(dir) : await freshEmbedded(dir);
  const remove = async () => {
    await made.drop();
    rmSync(dir, { recursive: true, force: true });
  };
  return { config: made.config, remove, [Symbol.asyncDispose]: remove };
}

interface Made {
  config: FreshDatabase['config'];
  drop(): Promise<void>;
}

async function freshEmbedded(dir: string): Promise<Made> {
  const dataDir = join(dir, 'data');
  cpSync(await embeddedTemplate(), dataDir, { recursive: true });
  return { config: { DATABASE_URL: undefined, DATA_DIR: dataDir }, drop: async () => {} };
}

/** A data directory to be copied, because making one takes seconds. */
export async function embeddedTemplate(): Promise<string> {
  const template = inject('embeddedTemplate');
  const deadline = Date.now() + TEMPLATE_WITHIN_MS;
  while (!existsSync(template)) {
    if (Date.now() > deadline) throw new Error('nobody made the embedded database to be copied');
    await sleep(50);
  }
  return template;
}

async function freshPostgres(dir: string): Promise<Made> {
  const url = inject('postgresUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(url, `create database ${name} template ${TEMPLATE_DATABASE} strategy file_copy`);
  return {
    config: { DATABASE_URL: urlOf(url, name), DATA_DIR: join(dir, 'unused') },
    drop: () => administer(url, `drop database ${name}`),
  };
}

function urlOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
