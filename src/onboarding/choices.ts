/** What a person chose where several answers are right: the Forwarder of an account and Region. */
import type { Clock } from '../clock.ts';
import type { Cluster } from '../clusters/cluster.ts';
import type { Db, Executor } from '../db/database.ts';

function forwarderKey(cluster: Pick<Cluster, 'accountId' | 'region'>): string {
  return `forwarder:${cluster.accountId}/${cluster.region}`;
}

export async function chosenForwarder(
  db: Executor,
  cluster: Pick<Cluster, 'accountId' | 'region'>,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('choices')
    .select('value')
    .where('key', '=', forwarderKey(cluster))
    .executeTakeFirst();
  return row?.value;
}

export async function chooseForwarder(
  deps: { db: Db; clock: Clock },
  cluster: Pick<Cluster, 'accountId' | 'region'>,
  arn: string,
  by: string,
): Promise<void> {
  const choice = { value: arn, chosen_by: by, chosen_at: deps.clock.now() };
  await deps.db
    .insertInto('choices')
    .values({ key: forwarderKey(cluster), ...choice })
    .onConflict((c) => c.column('key').doUpdateSet(choice))
    .execute();
}
