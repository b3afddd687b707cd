/** Links into Datadog open what was meant, and stay there. */
import { expect, test } from 'vitest';
import { logExplorerUrl, signalsExplorerUrl, signalUrl } from '../../src/datadog/sites.ts';

const SITE = { DD_SITE: 'datadoghq.eu', DD_APP_URL: undefined } as const;
const FROM = new Date(1_000);
const TO = new Date(2_000);

test('the Log Explorer with columns and one log opened', () => {
  const url = new URL(logExplorerUrl(SITE, '@a:"b & c"', FROM, TO, { cols: ['host', '@usr.name'], event: 'AQAAA-_x' }));
  expect(`${url.origin}${url.pathname}`).toBe('https://app.datadoghq.eu/logs');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    query: '@a:"b & c"',
    from_ts: '1000',
    to_ts: '2000',
    live: 'false',
    cols: 'host,@usr.name',
    event: 'AQAAA-_x',
  });
});

test('one signal', () => {
  expect(signalUrl(SITE, 'AQAAA-_x')).toBe('https://app.datadoghq.eu/security/signal?event=AQAAA-_x');
  // Whatever an id may be, it stays inside its parameter.
  expect(signalUrl(SITE, '#&x=<y|z>')).toBe('https://app.datadoghq.eu/security/signal?event=%23%26x%3D%3Cy%7Cz%3E');
});

test('the signals of a fixed window, in the organisation’s own sub-domain', () => {
  const acme = { DD_SITE: 'datadoghq.com', DD_APP_URL: 'https://acme.datadoghq.com' } as const;
  const url = new URL(signalsExplorerUrl(acme, 'source:kubernetes.audit', FROM, TO));
  expect(`${url.origin}${url.pathname}`).toBe('https://acme.datadoghq.com/security/siem/signals');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    query: 'source:kubernetes.audit',
    start: '1000',
    end: '2000',
    paused: 'true',
  });
});
