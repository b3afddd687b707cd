/** Making and dropping databases on the server of the run; apart from server.ts, so that only its owner loads binaries. */
import pg from 'pg';

/** Has the schema and no rows; every test on PostgreSQL starts from a copy. */
export const TEMPLATE_DATABASE = 'eks_audit_template';

/** Runs one statement outside the databases of the tests. */
export async function administer(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
