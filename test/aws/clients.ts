/** Our AWS clients against the stand-in, with nothing of the bot around them. */
import { ACCOUNT, acmeConfig, REGION, seedAcme } from '../../playground/acme.ts';
import { openWorld, type World } from '../../playground/world.ts';
import { type Aws, type AwsClients, type AwsSession, createAws } from '../../src/aws/clients.ts';
import type { Config } from '../../src/config.ts';

export const HERE = { accountId: ACCOUNT, region: REGION };

export interface AwsBench extends AsyncDisposable {
  world: World;
  aws: Aws;
  /** For one session of the account and Region everything stands in. */
  clients(session?: AwsSession): AwsClients;
}

export async function openBench(seed?: (world: World) => void): Promise<AwsBench> {
  const world = await openWorld({ speed: 1000 });
  seedAcme(world);
  seed?.(world);
  const { env } = acmeConfig(world, { dataDir: '' });
  const restore = setEnvironment(env);
  const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
  const account = {
    id: ACCOUNT,
    name: 'production',
    regions: [REGION],
    roles: { reader: role('EksAuditReader'), operator: role('EksAuditOperator'), audit_off: role('EksAuditOff') },
    external_id: 'acme-external-id-7f3a',
    forwarders: {},
  };
  // All that the clients read of the configuration.
  const config = { aws: { accounts: [account] }, timing: { http_timeout: 2_000 } } as unknown as Config;
  const aws = createAws(config, (text) => text.replaceAll('planted-secret', '[secret]'));
  return {
    world,
    aws,
    clients: (session) => aws.clients(HERE, session),
    async [Symbol.asyncDispose]() {
      aws.close();
      restore();
      await world.close();
    },
  };
}

/** The AWS SDK reads its settings itself, so they must stand in the real environment. */
function setEnvironment(env: Record<string, string>): () => void {
  const names = Object.keys(env).filter((name) => name.startsWith('AWS_'));
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = env[name];
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}
