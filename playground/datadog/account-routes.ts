/**
 * Keys and people: validation of the API key, of both keys, the key's owner, and the user look-up.
 */
import { json } from '../http.ts';
import { errors } from './answers.ts';
import type { Route } from './route.ts';
import { numberedPage } from './route.ts';
import type { DatadogUser } from './users.ts';
import { userData } from './users.ts';

export const accountRoutes: readonly Route[] = [
  {
    operation: 'Validate',
    method: 'GET',
    path: '/api/v1/validate',
    keys: 'api key only',
    handle: () => json(200, { valid: true }),
  },
  {
    operation: 'ValidateAPIKey',
    method: 'GET',
    path: '/api/v2/validate_keys',
    handle: () => json(200, { status: 'ok' }),
  },
  {
    operation: 'GetCurrentUser',
    method: 'GET',
    path: '/api/v2/current_user',
    handle: ({ datadog, caller }) => json(200, { data: userData(caller, datadog.orgId) }),
  },
  {
    operation: 'ListUsers',
    method: 'GET',
    path: '/api/v2/users',
    handle: ({ datadog, call }) => {
      const page = numberedPage(call.query, 500);
      if (!page) return errors(400, 'Invalid page parameters');
      const filter = (call.query.get('filter') ?? '').toLowerCase();
      const statuses = call.query.get('filter[status]')?.split(',');
      const found = datadog.users.filter((user) => isLike(user, filter) && (statuses?.includes(user.status) ?? true));
      const users = found.slice(page.number * page.size, (page.number + 1) * page.size);
      return json(200, {
        meta: { page: { total_filtered_count: found.length, total_count: datadog.users.length } },
        data: users.map((user) => userData(user, datadog.orgId)),
      });
    },
  },
];

/** "Filter all users by the given string": loose, so the caller must compare the address exactly. */
function isLike(user: DatadogUser, filter: string): boolean {
  return [user.email, user.handle, user.name ?? ''].some((text) => text.toLowerCase().includes(filter));
}
