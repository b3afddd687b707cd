/** Starts the PostgreSQL server of the run and makes the database that every test copies; set up by vitest.config.ts. */
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/db/database.ts';
import { administer, TEMPLATE_DATABASE } from './administer.ts';
import { startPostgres } from './server.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server's own database; tests make theirs beside it. */
    postgresUrl: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  try {
    await administer(server.url('postgres'), `create database ${TEMPLATE_DATABASE}`);
    const database = await openDatabase({ DATABASE_URL: server.url(TEMPLATE_DATABASE), DATA_DIR: '' });
    await database.close();
  } catch (error) {
    await server.remove();
    throw error;
  }
  project.provide('postgresUrl', server.url('postgres'));
  return () => server.remove();
}
