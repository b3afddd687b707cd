/**
 * One Datadog organisation: its keys and people, and everything the API shows of it. What follows from what (an
 * intake with the wrong key leaves no log, a log outside every security filter is not analysed) is decided here;
 * routes only translate.
 */
import type { LogEvent } from '../../src/rules/query.ts';
import { parseQuery } from '../../src/rules/query.ts';
import type { WorldTime } from '../time.ts';
import type { AwsAccount, AwsAccountSeed } from './aws-accounts.ts';
import { AwsAccounts } from './aws-accounts.ts';
import type { ContentPack, ContentPackState, Sku } from './content-packs.ts';
import { contentPackState } from './content-packs.ts';
import { Ids } from './ids.ts';
import type { ForwarderBatch, IntakeEntry, RejectedIntake } from './intake.ts';
import type { ApplicationKey, ApplicationKeySeed } from './keys.ts';
import type { StoredLog } from './logs.ts';
import { Logs } from './logs.ts';
import type { NotificationRule, NotificationRuleSeed } from './notification-rules.ts';
import { NotificationRules } from './notification-rules.ts';
import type { SignalSeed } from './raise-signal.ts';
import { plausibleSignal } from './raise-signal.ts';
import type { Rule } from './rule.ts';
import { configurationOf } from './rule.ts';
import { Rules } from './rules.ts';
import type { SecurityFilter, SecurityFilterSeed } from './security-filters.ts';
import { isAnalysed } from './security-filters.ts';
import { Siem } from './siem.ts';
import type { Signal } from './signal.ts';
import type { PersonsTriage } from './signal-triage.ts';
import { triagedByPerson } from './signal-triage.ts';
import type { Suppression } from './suppressions.ts';
import type { DatadogUser, DatadogUserSeed } from './users.ts';
import { newUser } from './users.ts';
import type { Delivery, WebhookSender } from './webhook-sender.ts';
import type { CustomVariable, Webhook } from './webhooks.ts';
import { DEFAULT_PAYLOAD, withWebhookFields } from './webhooks.ts';

/** The list of November 2024; `eks` was seen later, and only where it is listed can Datadog subscribe by itself. */
const LOG_SERVICES_2024 =
  'apigw-access-logs apigw-execution-logs cloudfront elb elbv2 lambda redshift s3 states waf'.split(' ');

export class Datadog {
  readonly time: WorldTime;
  readonly ids = new Ids();
  /** `DD_SITE` of this organisation. */
  readonly site: string;
  readonly orgId: string;
  readonly orgName: string;

  /** Real-world milliseconds for which a new rule or notification rule is missing from lists. */
  listLagMs = 0;
  /** Real-world milliseconds for which a new signal answers 404 and is missing from searches [inferred]. */
  signalReadLagMs = 0;
  /** What missing or wrong keys are answered; Datadog's endpoints differ. */
  wrongKeyStatus: 401 | 403 = 403;
  /** Off: content packs show the onboarding state. */
  cloudSiemActive = true;
  sku: Sku = 'add_on_2024';
  awsLogServices: string[] = [...LOG_SERVICES_2024, 'eks', 'eks-container-insights'];

  readonly apiKeys = new Set<string>();
  readonly applicationKeys = new Map<string, ApplicationKey>();
  readonly users: DatadogUser[] = [];
  readonly logs: Logs;
  readonly awsAccounts: AwsAccounts;
  readonly securityFilters: SecurityFilter[] = [];
  readonly contentPacks = new Map<string, ContentPack>();
  readonly rules: Rules;
  readonly suppressions: Suppression[] = [];
  readonly notificationRules: NotificationRules;
  readonly siem: Siem;
  readonly webhooks = new Map<string, Webhook>();
  readonly customVariables = new Map<string, CustomVariable>();

  constructor(options: { time: WorldTime; site?: string; orgName?: string }) {
    const { time } = options;
    const ids = this.ids;
    const now = () => time.now();
    const listLag = () => this.listLagMs / time.speed;
    this.time = time;
    this.site = options.site ?? 'datadoghq.com';
    this.orgName = options.orgName ?? 'Example';
    this.orgId = ids.uuid();
    this.awsAccounts = new AwsAccounts(ids, () => new Date(now()));
    this.rules = new Rules({ ids, now, listLag });
    this.notificationRules = new NotificationRules({ ids, now, listLag });
    this.logs = new Logs({
      time,
      ids,
      site: this.site,
      isApiKey: (key) => this.apiKeys.has(key),
      cloudSiemTag: (event) => this.#cloudSiemTag(event),
      analyse: (logs) => this.siem.detection.analyse(logs),
    });
    this.siem = new Siem(this, time);
    this.setContentPack('kubernetes-audit-logs', {});
    this.setContentPack('aws-cloudtrail', {}, 'cloudtrail');
  }

  get indexDelayMs(): number {
    return this.logs.indexDelayMs;
  }

  set indexDelayMs(ms: number) {
    this.logs.indexDelayMs = ms;
  }

  /** Real-world milliseconds between the log that makes a rule fire and its signal. */
  get detectionDelayMs(): number {
    return this.siem.detection.delayMs;
  }

  set detectionDelayMs(ms: number) {
    this.siem.detection.delayMs = ms;
  }

  get signals(): Signal[] {
    return this.siem.signals;
  }

  /** Delivers signals to webhooks; it has the knobs of loss, doubling and delay. */
  get sender(): WebhookSender {
    return this.siem.sender;
  }

  get rejectedIntake(): readonly RejectedIntake[] {
    return this.logs.rejected;
  }

  /** The Forwarder ships a batch. A wrong key or site loses it, as `Logs.rejected` tells. */
  intake(batch: ForwarderBatch): void {
    this.logs.forward(batch);
  }

  addApiKey(key: string): void {
    this.apiKeys.add(key);
  }

  /** Makes the owner too where there is none of that e-mail address. */
  addApplicationKey(seed: ApplicationKeySeed): ApplicationKey {
    const owner = this.user(seed.owner) ?? this.addUser({ email: seed.owner });
    const key: ApplicationKey = {
      key: seed.key,
      owner,
      permissions: seed.permissions ?? 'all',
      restriction: seed.restrictionQuery === undefined ? undefined : parseQuery(seed.restrictionQuery),
    };
    this.applicationKeys.set(seed.key, key);
    return key;
  }

  addUser(seed: DatadogUserSeed): DatadogUser {
    const user = newUser(seed, this.ids, new Date(this.time.now()));
    this.users.push(user);
    return user;
  }

  user(email: string): DatadogUser | undefined {
    return this.users.find((user) => user.email === email);
  }

  addAwsAccount(seed: AwsAccountSeed): AwsAccount {
    return this.awsAccounts.seed(seed);
  }

  /** A log that is searchable at once, without intake and index delay. */
  addLog(entry: IntakeEntry): StoredLog {
    return this.logs.seed(entry);
  }

  addSecurityFilter(seed: SecurityFilterSeed): SecurityFilter {
    const filter: SecurityFilter = {
      id: this.ids.short(),
      version: 1,
      isEnabled: true,
      isBuiltin: false,
      exclusionFilters: [],
      ...seed,
    };
    this.securityFilters.push(filter);
    return filter;
  }

  /** Fields given here are shown whatever the world says; the others follow from it. */
  setContentPack(id: string, state: Partial<ContentPackState>, source = 'kubernetes.audit'): void {
    const activation = state.cpActivation ?? this.contentPacks.get(id)?.activation ?? 'never_activated';
    this.contentPacks.set(id, { id, source, activation, fixed: state });
  }

  /** Under the Add-on SKU every activated pack brings its own security filter. */
  activateContentPack(id: string): void {
    const pack = this.contentPacks.get(id);
    if (!pack) throw new Error(`No content pack ${id}`);
    pack.activation = 'activated';
    delete pack.fixed.cpActivation;
    const name = `Content pack ${id}`;
    const exists = this.securityFilters.some((filter) => filter.name === name);
    if (this.sku === 'add_on_2024' && !exists) this.addSecurityFilter({ name, query: `source:${pack.source}` });
  }

  contentPack(id: string): ContentPackState | undefined {
    const pack = this.contentPacks.get(id);
    if (!pack) return undefined;
    const tag = `source:${pack.source}`;
    const last = this.logs.indexed.findLast(({ event }) => event.tags.includes(tag));
    const probe: LogEvent = { message: '', tags: [tag], attributes: {}, source: pack.source };
    return contentPackState(
      pack,
      { lastSeenMs: last?.timestampMs, filtersConfigured: isAnalysed(this.securityFilters, probe) },
      this.time.now(),
    );
  }

  /** A rule as a person would make it in the UI: a request body of the API, not validated. */
  addRule(configuration: Record<string, unknown>, owner?: DatadogUser): Rule {
    return this.rules.create(configurationOf(configuration), owner ?? this.#someone(), 0);
  }

  /** The first rule of that name; names are not unique. */
  rule(name: string): Rule | undefined {
    return this.rules.all.find((rule) => rule.name === name);
  }

  addWebhook(seed: Partial<Webhook> & Pick<Webhook, 'name' | 'url'>): Webhook {
    const blank: Webhook = { name: '', url: '', payload: DEFAULT_PAYLOAD, custom_headers: null, encode_as: 'json' };
    const webhook = withWebhookFields(blank, seed);
    if (!webhook) throw new Error(`Datadog would refuse the webhook ${seed.name}`);
    this.webhooks.set(webhook.name, webhook);
    return webhook;
  }

  webhook(name: string): Webhook | undefined {
    return this.webhooks.get(name);
  }

  addCustomVariable(variable: CustomVariable): void {
    this.customVariables.set(variable.name, { ...variable });
  }

  addNotificationRule(seed: NotificationRuleSeed, owner?: DatadogUser): NotificationRule {
    return this.notificationRules.create(seed, owner ?? this.#someone(), 0);
  }

  /** A signal at once, without logs and rules, announced like any other. */
  raiseSignal(seed: SignalSeed = {}): Signal {
    const signal = plausibleSignal(this, seed);
    this.siem.raise(signal, seed);
    return signal;
  }

  /** What a person does with a signal in Datadog's own pages. */
  triage(signalId: string, change: PersonsTriage): Signal {
    return triagedByPerson(this, signalId, change);
  }

  /** Datadog's test button on a webhook. */
  testNotification(webhookName: string): Promise<Delivery> {
    return this.siem.testNotification(webhookName);
  }

  /** Ends what is on its way to webhooks. */
  async close(): Promise<void> {
    await this.sender.close();
  }

  #someone(): DatadogUser {
    return this.users[0] ?? this.addUser({ email: 'admin@example.com', name: 'Admin' });
  }

  #cloudSiemTag(event: LogEvent): string | undefined {
    if (this.securityFilters.length === 0) return undefined;
    return `datadog.cloud_siem:${isAnalysed(this.securityFilters, event)}`;
  }
}
