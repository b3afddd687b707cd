/** People in Datadog, looked up by their e-mail address so that a signal can be assigned to them. */
import { z } from 'zod';
import type { Datadog } from './client.ts';

export interface DatadogUser {
  uuid: string;
  handle: string;
  /** As Datadog shows it; the handle where no name is set. */
  name: string;
}

/** The most Datadog gives at once. */
const PAGE_SIZE = 100;
/** The search is loose, so an address as short as `a@b` finds many. */
const MOST_PAGES = 10;

const users = z.looseObject({
  data: z
    .array(
      z.looseObject({
        id: z.string(),
        attributes: z.looseObject({
          email: z.string().nullish(),
          handle: z.string().nullish(),
          name: z.string().nullish(),
          disabled: z.boolean().nullish(),
          status: z.string().nullish(),
          service_account: z.boolean().nullish(),
        }),
      }),
    )
    .nullish(),
});

/** The person with exactly this address, in any case of letters. A service account may carry somebody's address. */
export async function findUserByEmail(datadog: Datadog, email: string): Promise<DatadogUser | undefined> {
  const wanted = email.trim().toLowerCase();
  if (wanted === '') return undefined;
  for (let pageNumber = 0; pageNumber < MOST_PAGES; pageNumber++) {
    const page = { filter: wanted, pageSize: PAGE_SIZE, pageNumber };
    const found = users.parse(await datadog.call('users', 'listUsers', page)).data ?? [];
    for (const { id, attributes } of found) {
      const { disabled, status, service_account: isService, handle, name } = attributes;
      if (attributes.email?.trim().toLowerCase() !== wanted) continue;
      if (disabled || status === 'Disabled' || isService) continue;
      return { uuid: id, handle: handle || wanted, name: name || handle || wanted };
    }
    if (found.length < PAGE_SIZE) return undefined;
  }
  return undefined;
}
