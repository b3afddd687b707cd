/**
 * Where the vendors' API models and recorded exchanges lie. A contract check that cannot find them has not run, so
 * it fails: importing this file throws then.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

export const CONTRACTS_DIR = resolve(ROOT, process.env.CONTRACTS_DIR ?? '../shared/contracts');

if (!existsSync(CONTRACTS_DIR))
  throw new Error(`cannot check the contracts: ${CONTRACTS_DIR} does not exist; name it with CONTRACTS_DIR`);

/** The parsed JSON of one contract, for example `aws/eks.json`. */
export function readContract<T>(name: string): T {
  return JSON.parse(readFileSync(join(CONTRACTS_DIR, name), 'utf8')) as T;
}

/** The file names in one folder of contracts, never none. */
export function contractsIn(folder: string): string[] {
  const names = readdirSync(join(CONTRACTS_DIR, folder)).filter((name) => name.endsWith('.json'));
  if (names.length === 0) throw new Error(`cannot check the contracts: ${join(CONTRACTS_DIR, folder)} is empty`);
  return names.sort();
}

/** A file of this repository, from its root. */
export function inRepository(path: string): string {
  return join(ROOT, path);
}
