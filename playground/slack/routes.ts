/** Slack over HTTP: the Web API under /api/, response_urls, and the upload of files. */
import { type Answer, type Call, json, type RawCall, type Service } from '../http.ts';
import { slackRateLimited } from './faults.ts';
import { text } from './json.ts';
import { type Method, Refusal } from './method.ts';
import { chatMethods } from './methods-chat.ts';
import { conversationMethods } from './methods-conversations.ts';
import { fileMethods, receiveUpload } from './methods-files.ts';
import { peopleMethods } from './methods-people.ts';
import { viewMethods } from './methods-views.ts';
import { readRequest } from './request.ts';
import { respond } from './response-url.ts';
import type { Slack } from './state.ts';

export const methods: Record<string, Method> = {
  ...chatMethods,
  ...conversationMethods,
  ...peopleMethods,
  ...viewMethods,
  ...fileMethods,
};

export function slackService(slack: Slack): Service {
  return {
    name: 'slack',
    identify,
    writes: (call) => methodOf(call)?.writes ?? /^(response_url|upload)$/.test(call.operation),
    handle(call) {
      // response_urls and upload URLs point back to wherever the client reached us.
      slack.publicUrl ||= `http://${call.headers.host}`;
      if (call.operation === 'response_url') return respond(slack, call);
      if (call.operation === 'upload') return receiveUpload(slack, call);
      return callMethod(slack, call);
    },
  };
}

function identify(raw: RawCall): Call {
  const token = readRequest(raw).token;
  const operation = operationOf(raw.path);
  return { ...raw, service: 'slack', operation, ...(token ? { principal: token } : {}) };
}

function operationOf(path: string): string {
  if (path.startsWith('/commands/') || path.startsWith('/actions/')) return 'response_url';
  if (path.startsWith('/upload/')) return 'upload';
  return path.replace(/^\/api\//, '');
}

function methodOf(call: Call): Method | undefined {
  return Object.hasOwn(methods, call.operation) ? methods[call.operation] : undefined;
}

async function callMethod(slack: Slack, call: Call): Promise<Answer> {
  const method = methodOf(call);
  if (!method) return json(200, { ok: false, error: 'unknown_method', req_method: call.operation });
  const { token, args, problem } = readRequest(call);
  const headers = {
    'x-oauth-scopes': token === slack.appToken ? 'connections:write' : [...slack.scopes].join(','),
    'x-accepted-oauth-scopes': method.scopes.join(','),
  };
  try {
    authorize(slack, method, token);
    if (problem) throw new Refusal(problem);
    const wait = waitFor(slack, call.operation, method, text(args.channel));
    if (wait !== undefined) return slackRateLimited(wait);
    return json(200, await method.handle(slack, args), headers);
  } catch (error) {
    if (error instanceof Refusal) return json(200, error.body, headers);
    throw error;
  }
}

function waitFor(slack: Slack, operation: string, method: Method, channel: string): number | undefined {
  if (operation === 'chat.postMessage') return slack.limits.waitForChannel(channel);
  return method.perMinute && slack.limits.waitForMethod(operation, method.perMinute);
}

function authorize(slack: Slack, method: Method, token: string | undefined): void {
  if (method.token === 'none') return;
  if (!token) throw new Refusal('not_authed');
  if (token !== slack.botToken && token !== slack.appToken) throw new Refusal('invalid_auth');
  if (slack.tokenError) throw new Refusal(slack.tokenError);
  const wanted = method.token === 'app' ? slack.appToken : slack.botToken;
  if (token !== wanted) throw new Refusal('not_allowed_token_type');
  const needed = method.scopes.find((scope) => !slack.scopes.has(scope));
  if (needed) throw new Refusal('missing_scope', { needed, provided: [...slack.scopes].join(',') });
}
