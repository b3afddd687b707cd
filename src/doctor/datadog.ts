/**
 * Datadog: the keys, the site, and every permission one by one, by calls that change nothing. A permission to write is
 * probed only where Datadog offers a check that writes nothing.
 */
import { z } from 'zod';
import type { Config } from '../config.ts';
import { findIntegration } from '../datadog/aws-integration.ts';
import { type Datadog, DatadogError } from '../datadog/client.ts';
import { searchLogs } from '../datadog/logs.ts';
import { listOwnRules, validateRule } from '../datadog/rules.ts';
import { listSecurityFilters } from '../datadog/siem.ts';
import { SIGNAL_QUERY, searchSignalData } from '../datadog/signals.ts';
import { uiUrl } from '../datadog/sites.ts';
import { listSuppressions, validateSuppression } from '../datadog/suppressions.ts';
import { findUserByEmail } from '../datadog/users.ts';
import { getWebhook, hasVariable, listNotificationRules } from '../datadog/webhooks.ts';
import { compileRule } from '../rules/compile.ts';
import { newDraft, payloadOf, SOURCE } from '../rules/draft.ts';
import type { RulePack } from '../rules/pack.ts';
import { DATADOG_FEATURES, type DatadogScope, type DatadogScopeName } from '../setup/datadog-scopes.ts';
import { not, type Result, yes } from './result.ts';

export interface DatadogDeps {
  config: Config;
  datadog: Datadog;
  pack: RulePack;
  /** Webhooks without the configured secret since the bot started; only a running bot knows. */
  webhooksRefused?: number;
}

type Probe = (deps: DatadogDeps) => Promise<unknown>;

/** Ours, or a name nobody has: "not found" is an answer, too. */
const NAME = 'eks-audit';

/** `undefined`: no call of Datadog's tells without changing something. */
const PROBES: Record<DatadogScopeName, Probe | undefined> = {
  logs_read_data: ({ datadog }) => searchLogs(datadog, 'source:kubernetes.audit', ago(60_000), new Date(), 1),
  aws_configuration_read: ({ datadog, config }) => findIntegration(datadog, config.aws.accounts[0]?.id ?? ''),
  security_monitoring_filters_read: ({ datadog }) => listSecurityFilters(datadog),
  security_monitoring_rules_read: ({ datadog }) => listOwnRules(datadog),
  security_monitoring_rules_write: async ({ datadog, pack }) => {
    const [rule] = pack.rules;
    await validateRule(
      datadog,
      rule ? compileRule(rule) : payloadOf({ ...newDraft(SOURCE, new Date()), name: NAME }, NAME),
    );
  },
  integrations_read: ({ datadog }) => getWebhook(datadog, NAME),
  create_webhooks: undefined,
  manage_integrations: ({ datadog }) => hasVariable(datadog, 'EKS_AUDIT_WEBHOOK_TOKEN'),
  security_monitoring_notification_profiles_read: ({ datadog }) => listNotificationRules(datadog),
  security_monitoring_notification_profiles_write: undefined,
  security_monitoring_signals_read: ({ datadog }) =>
    searchSignalData(datadog, { query: SIGNAL_QUERY, from: ago(60_000), to: new Date(), limit: 10 }),
  security_monitoring_signals_write: undefined,
  user_access_read: ({ datadog }) => findUserByEmail(datadog, `${NAME}@example.com`),
  security_monitoring_suppressions_read: ({ datadog }) => listSuppressions(datadog),
  security_monitoring_suppressions_write: ({ datadog }) =>
    validateSuppression(datadog, {
      name: NAME,
      description: '',
      ruleQuery: `type:log_detection ${SIGNAL_QUERY}`,
      suppressionQuery: '@usr.name:nobody',
      expiresAt: new Date(Date.now() + 3_600_000),
      tags: [],
    }),
};

export async function examineDatadog(deps: DatadogDeps): Promise<Result[]> {
  return [...(await examineAccess(deps)), ...webhooks(deps)];
}

function webhooks({ webhooksRefused: refused = 0 }: DatadogDeps): Result[] {
  if (refused === 0) return [];
  return [
    not(
      'datadog.webhook',
      'warning',
      (t) => t.webhooksRefused(refused),
      (t) => t.fixWebhooksRefused,
    ),
  ];
}

async function examineAccess(deps: DatadogDeps): Promise<Result[]> {
  const keys = await examineKeys(deps);
  // Without keys every probe would fail the same way.
  if (keys.ok === 'no') return [keys];
  const scopes = wantedScopes(deps);
  const probed = await Promise.all(scopes.map((scope) => probe(deps, scope)));
  const held = scopes.filter((_, i) => probed[i] === 'held').map(({ scope }) => scope);
  const untold = scopes.filter((_, i) => probed[i] === 'untold').map(({ scope }) => scope);
  return [
    keys,
    ...site(deps.config),
    ...(held.length > 0 ? [yes('datadog.permissions', (t) => t.permissionsHeld(held))] : []),
    ...probed.filter((result) => typeof result === 'object'),
    ...(untold.length > 0
      ? [
          not(
            'datadog.permissions',
            'unverified',
            (t) => t.permissionsUntold(untold),
            (t) => t.fixPermissionsUntold,
          ),
        ]
      : []),
  ];
}

async function examineKeys({ config, datadog }: DatadogDeps): Promise<Result> {
  const check = 'datadog.keys';
  try {
    await datadog.call('keys', 'validateAPIKey');
    return yes(check, (t) => t.keysValid(config.DD_SITE));
  } catch (error) {
    const failure = reasonOf(error);
    if (!denied(error))
      return not(
        check,
        'no',
        (t) => t.datadogUnreachable(failure),
        (t) => t.fixNetwork(apiUrl(config)),
      );
  }
  try {
    await datadog.call('authentication', 'validate');
    return not(
      check,
      'no',
      (t) => t.appKeyRefused,
      (t) => t.fixAppKey(uiUrl(config)),
    );
  } catch (error) {
    const failure = reasonOf(error);
    if (denied(error))
      return not(
        check,
        'no',
        (t) => t.apiKeyRefused(config.DD_SITE),
        (t) => t.fixApiKey(uiUrl(config)),
      );
    return not(
      check,
      'no',
      (t) => t.datadogUnreachable(failure),
      (t) => t.fixNetwork(apiUrl(config)),
    );
  }
}

/** What is not configured needs no permission. Without a pack only the command `rules` would miss those of rules. */
function wantedScopes({ config, pack }: DatadogDeps): DatadogScope[] {
  return DATADOG_FEATURES.filter(({ id }) => id !== 'webhook' || config.PUBLIC_URL !== undefined).flatMap(
    ({ id, scopes }) =>
      scopes.map((scope) => (id === 'rules' && pack.rules.length === 0 ? { ...scope, optional: true } : scope)),
  );
}

async function probe(deps: DatadogDeps, { scope, optional, why }: DatadogScope): Promise<Result | 'held' | 'untold'> {
  const ask = PROBES[scope];
  if (!ask) return 'untold';
  try {
    await ask(deps);
    return 'held';
  } catch (error) {
    const failure = reasonOf(error);
    const check = 'datadog.permissions';
    // Permissions are looked at before anything else, so any other "no" to this very call is a yes to the permission.
    if (error instanceof DatadogError && (error.kind === 'invalid' || error.kind === 'not-found')) return 'held';
    if (!denied(error))
      return not(
        check,
        'unverified',
        (t) => t.permissionFailed(scope, failure),
        (t) => t.fixLater,
      );
    return not(
      check,
      optional ? 'warning' : 'no',
      (t) => t.permissionMissing(scope, why[t.language]),
      (t) => t.fixPermission(scope, uiUrl(deps.config)),
    );
  }
}

/** Links are made with this host; one of another site would lead everybody to a login page. */
function site(config: Config): Result[] {
  const ui = uiUrl(config);
  const base = config.DD_SITE.replace(/^(us|ap|uk)\d\./, '');
  const fits = new URL(ui).hostname.endsWith(base);
  if (fits) return [yes('datadog.site', (t) => t.siteFits(ui))];
  return [
    not(
      'datadog.site',
      'warning',
      (t) => t.siteDiffers(ui, config.DD_SITE),
      (t) => t.fixSite,
    ),
  ];
}

function apiUrl(config: Config): string {
  return config.DD_API_URL ?? `https://api.${config.DD_SITE}`;
}

function denied(error: unknown): boolean {
  return error instanceof DatadogError && error.kind === 'denied';
}

/** Rethrows what is our own bug; an answer other than Datadog documents is not. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  if (!(error instanceof DatadogError)) throw error;
  return error.reasons.join('; ') || String(error.status ?? error.kind);
}

function ago(ms: number): Date {
  return new Date(Date.now() - ms);
}
