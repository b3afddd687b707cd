/**
 * The AWS accounts integrated with the organisation, as `/api/v2/integration/aws/accounts` shows them.
 */
import type { Ids } from './ids.ts';

type Json = Record<string, unknown>;

export interface AwsAccount {
  id: string;
  attributes: AwsAccountAttributes;
}

export interface AwsAccountAttributes extends Json {
  account_tags: string[];
  auth_config: Json;
  aws_account_id: string;
  aws_partition: string;
  aws_regions: Json;
  created_at: string;
  logs_config: { lambda_forwarder: { lambdas: string[]; sources: string[]; log_source_config: Json } };
  metrics_config: Json;
  modified_at: string;
  resources_config: Json;
  traces_config: Json;
}

export interface AwsAccountSeed {
  accountId: string;
  /** Absent: an account integrated by access key. */
  roleName?: string;
  externalId?: string;
  partition?: 'aws' | 'aws-cn' | 'aws-us-gov';
  /** Absent: all regions. */
  regions?: string[];
  /** Forwarder ARNs for automatic subscription. */
  lambdas?: string[];
  /** Log services subscribed automatically, e.g. `eks`. */
  sources?: string[];
  tags?: string[];
  /** Log-group tags are known to Datadog only with it. */
  resourceCollection?: boolean;
}

export const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];

export class AwsAccounts {
  readonly all: AwsAccount[] = [];
  readonly #ids: Ids;
  readonly #now: () => Date;

  constructor(ids: Ids, now: () => Date) {
    this.#ids = ids;
    this.#now = now;
  }

  seed(seed: AwsAccountSeed): AwsAccount {
    return this.create({
      account_tags: seed.tags ?? [],
      auth_config: {
        role_name: seed.roleName ?? 'DatadogIntegrationRole',
        ...(seed.externalId && { external_id: seed.externalId }),
      },
      aws_account_id: seed.accountId,
      aws_partition: seed.partition ?? 'aws',
      aws_regions: seed.regions ? { include_only: seed.regions } : { include_all: true },
      logs_config: { lambda_forwarder: { lambdas: seed.lambdas ?? [], sources: seed.sources ?? [] } },
      resources_config: { extended_collection: seed.resourceCollection ?? false },
    });
  }

  create(sent: Json): AwsAccount {
    const at = this.#now().toISOString();
    const defaults: Json = {
      account_tags: [],
      auth_config: {},
      aws_account_id: '',
      aws_partition: 'aws',
      aws_regions: { include_all: true },
      created_at: at,
      logs_config: { lambda_forwarder: { lambdas: [], sources: [], log_source_config: { tag_filters: [] } } },
      metrics_config: {
        enabled: true,
        automute_enabled: true,
        collect_custom_metrics: false,
        collect_cloudwatch_alarms: false,
        tag_filters: [],
      },
      modified_at: at,
      resources_config: { cloud_security_posture_management_collection: false, extended_collection: true },
      traces_config: { xray_services: { include_only: [] } },
    };
    const attributes = merged(defaults, sent) as AwsAccountAttributes;
    // Chosen whole: a list of regions or namespaces must not keep the default beside it.
    if (isObject(sent.aws_regions)) attributes.aws_regions = sent.aws_regions;
    const metrics = attributes.metrics_config;
    metrics.namespace_filters ??= { exclude_only: ['AWS/SQS', 'AWS/ElasticMapReduce'] };
    attributes.auth_config = this.#shownAuth(attributes.auth_config);
    const account: AwsAccount = { id: this.#ids.uuid(), attributes };
    this.all.push(account);
    return account;
  }

  /** Objects are merged, lists replaced: what a PATCH leaves out stays (recorded), what it lists is the new list. */
  update(account: AwsAccount, sent: Json): void {
    const attributes = merged(account.attributes, sent) as AwsAccountAttributes;
    if (isObject(sent.aws_regions)) attributes.aws_regions = sent.aws_regions;
    attributes.auth_config = this.#shownAuth(attributes.auth_config);
    attributes.modified_at = this.#now().toISOString();
    account.attributes = attributes;
  }

  remove(account: AwsAccount): void {
    this.all.splice(this.all.indexOf(account), 1);
  }

  newExternalId(): string {
    return this.#ids.hex32();
  }

  /** A secret access key is never shown again; a role gets its external id from Datadog. */
  #shownAuth(auth: Json): Json {
    const { secret_access_key: _secret, ...shown } = auth;
    if (typeof shown.role_name === 'string') shown.external_id ??= this.newExternalId();
    return shown;
  }
}

function merged(base: Json, over: Json): Json {
  const result: Json = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    if (value === undefined) continue;
    result[key] = isObject(value) && isObject(before) ? merged(before, value) : value;
  }
  return result;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
