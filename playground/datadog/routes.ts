/**
 * The Datadog API as a service behind the Door: finds the operation, checks keys and permissions, and answers.
 */
import type { Answer, Call, RawCall, Service } from '../http.ts';
import { accountRoutes } from './account-routes.ts';
import { errors, forbidden, notFound } from './answers.ts';
import { awsRoutes } from './aws-routes.ts';
import { logRoutes } from './log-routes.ts';
import { notificationRuleRoutes } from './notification-rule-routes.ts';
import { missingPermissions } from './permissions.ts';
import type { Route } from './route.ts';
import { ruleRoutes } from './rule-routes.ts';
import { siemRoutes } from './siem-routes.ts';
import { signalRoutes } from './signal-routes.ts';
import type { Datadog } from './state.ts';
import { suppressionRoutes } from './suppression-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';

/** Fixed paths stand before those with parameters (`signals/bulk/state` before `signals/{signal_id}/state`). */
export const DATADOG_ROUTES: readonly Route[] = [
  ...accountRoutes,
  ...awsRoutes,
  ...logRoutes,
  ...siemRoutes,
  ...ruleRoutes,
  ...suppressionRoutes,
  ...notificationRuleRoutes,
  ...signalRoutes,
  ...webhookRoutes,
];

interface Found {
  route: Route;
  params: Record<string, string>;
}

export function datadogService(datadog: Datadog): Service {
  const find = finder();
  return {
    name: 'datadog',
    identify(raw: RawCall): Call {
      const found = find(raw);
      const owner = datadog.applicationKeys.get(raw.headers['dd-application-key'] ?? '')?.owner;
      const operation = found?.route.operation ?? 'Unknown';
      return { ...raw, service: 'datadog', operation, ...(owner && { principal: owner.handle }) };
    },
    writes(call) {
      const route = find(call)?.route;
      return route !== undefined && (route.writes ?? route.method !== 'GET');
    },
    handle(call) {
      const found = find(call);
      return found ? answer(datadog, call, found) : notFound();
    },
  };
}

function finder(): (call: RawCall) => Found | undefined {
  const patterns = DATADOG_ROUTES.map((route) => {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const text = route.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '([^/]+)');
    return { route, names, pattern: new RegExp(`^${text}$`) };
  });
  return (call) => {
    for (const { route, names, pattern } of patterns) {
      const match = route.method === call.method ? pattern.exec(call.path) : null;
      if (match) return { route, params: Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? ''])) };
    }
    return undefined;
  };
}

function answer(datadog: Datadog, call: Call, { route, params }: Found): Answer {
  const apiKey = call.headers['dd-api-key'];
  if (apiKey === undefined && route.operation === 'Validate') return errors(403, 'API key required');
  if (!datadog.apiKeys.has(apiKey ?? '')) return wrongKeys(datadog);
  const request = { datadog, call, params, body: undefined as unknown };
  if (call.body.length > 0 && route.keys !== 'api key only') {
    try {
      request.body = JSON.parse(call.body.toString());
    } catch {
      return errors(400, 'Invalid JSON in request body');
    }
  }
  if (route.keys === 'api key only') return route.handle(request);
  const key = datadog.applicationKeys.get(call.headers['dd-application-key'] ?? '');
  if (!key) return wrongKeys(datadog);
  if (missingPermissions(route.operation, key.permissions).length > 0) return forbidden();
  return route.handle({ ...request, key, caller: key.owner });
}

function wrongKeys(datadog: Datadog): Answer {
  return datadog.wrongKeyStatus === 401 ? errors(401, 'Unauthorized') : forbidden();
}
