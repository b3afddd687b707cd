/**
 * Whatever an attacker puts into any text of a signal, every message and dialog about it is taken by Slack, notifies
 * nobody but whom the route names, and links nowhere but where we link to.
 */
import { describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../playground/slack/json.ts';
import type { Note } from '../../src/signals/notes.ts';
import type { Signal } from '../../src/signals/signal.ts';
import { type Content, messageBody } from '../../src/slack/blocks.ts';
import {
  addressesIn,
  drawMessage,
  drawView,
  everyMessage,
  everyView,
  LANGUAGES,
  openDirectory,
  type Values,
} from './drawn.ts';
import { eventRow, exec, groupCard, line, NOTES, preview, RECEIPT, stormFacts, suppression } from './samples.ts';

const slack = openDirectory();
slack.addUser({ id: 'U1', name: 'victim' });
slack.addUserGroup({ id: 'S1', handle: 'victims' });

const PAYLOADS: Record<string, string> = {
  'a channel mention': '<!channel>',
  'a here mention': 'x<!here|here>',
  'an everyone mention': '<!everyone>',
  'a mention of a person': '<@U1>',
  'a mention of a group': '<!subteam^S1>',
  'a link to a channel': '<#C1>',
  'a link with a friendly label': '<https://evil.example|https://app.datadoghq.com>',
  'a bare address': 'https://evil.example/login',
  'entities that decode to a mention': '&lt;!channel&gt; &amp;lt;@U1&amp;gt;',
  backticks: '`<!channel>` ``` <@U1> ```',
  'an unclosed code span': 'a` <!channel> *b',
  'bold, italic and struck text': '*bold* _italic_ ~struck~',
  'a quotation and a list': '> quoted\n- item\n1. item',
  'bidirectional controls': 'safe\u202Egnp.exe\u202C \u2066x\u2069',
  'zero-width characters': 'ad\u200Bmin\u200D\uFEFF\u00AD\u3164',
  'an emoji code': ':white_check_mark: archived :x:',
  newlines: 'one\n\n*CRITICAL* two\r\nthree\u2028four\tfive',
  'a date': '<!date^1^{date}^https://evil.example|x>',
  'a name of 3,000 characters': 'n'.repeat(3000),
  '3,000 characters that each are escaped': '&<>'.repeat(1000),
  '3,000 characters that each are spelled out': '\u202E'.repeat(3000),
  'emoji cut in half': '\u{1F600}'.repeat(2000),
  'a lone high surrogate': '\uD83D',
  'a lone low surrogate': 'x\uDC00y',
  'control characters': 'a\u0000b\u001B[31mc\u0007',
  'nothing at all': '',
  'blanks only': ' \t\n ',
};

/** The same value with every text in it replaced, but for those only Datadog or we choose from a fixed set. */
function laced<T>(value: T, payload: string): T {
  const walk = (v: unknown, key: string): unknown => {
    if (typeof v === 'string') return FIXED.has(key) ? v : payload;
    if (Array.isArray(v)) return v.map((item) => walk(item, key));
    if (v !== null && typeof v === 'object' && !(v instanceof Date))
      return Object.fromEntries(Object.entries(v).map(([k, child]) => [k, walk(child, k)]));
    return v;
  };
  return walk(value, '') as T;
}

/** Enumerations, and ids and addresses of ours or of Slack's. */
const FIXED = new Set([
  ...['severity', 'state', 'scope', 'what', 'from', 'in', 'deliver', 'via'],
  ...['groupId', 'stormId', 'approvalId', 'userId', 'channel', 'mention', 'movedTo'],
  ...['logs', 'signal', 'link', 'permalink', 'requestedBy', 'approvers'],
]);

/** Texts of notes that are Slack ids. */
const IDS_IN_NOTES = new Set(['to', 'from', 'mention', 'approvers']);

function lacedNote(note: Note, payload: string): Note {
  return Object.fromEntries(
    Object.entries(note).map(([key, value]) => {
      const id = IDS_IN_NOTES.has(key) || (key === 'by' && typeof value === 'string');
      return [key, id || FIXED.has(key) ? value : laced(value, payload)];
    }),
  ) as unknown as Note;
}

/** A signal with all there can be in it, many times over. */
function hostileSignal(payload: string, samples: number): Signal {
  const full = exec({ groupedBy: [{ path: '@usr.name', value: 'x' }], message: 'x' });
  const [sample] = full.samples;
  return laced({ ...full, samples: sample ? Array.from({ length: samples }, () => sample) : [] }, payload);
}

function hostile(payload: string, samples = 3): Values {
  const latest = hostileSignal(payload, samples);
  const names = Array.from({ length: 8 }, () => ({ name: payload, signals: 3 }));
  const clusters = [payload, payload, payload];
  const laid = { latest, actors: names, clusters, triageSteps: [payload, payload, payload] };
  const taken = { by: { name: payload }, at: new Date(0), withoutAssignee: true };
  return {
    card: groupCard({ ...laid, clusters: [payload], taken }),
    hostile: laid,
    storm: stormFacts({ topRules: names, topActors: names, topClusters: names }),
    notes: NOTES.map((note) => lacedNote(note, payload)),
    lines: Array.from({ length: 60 }, () => line({ title: payload, actor: payload, clusters })),
    receipt: {
      ...laced({ ...RECEIPT, entries: [] }, payload),
      entries: RECEIPT.entries
        .map((entry) => laced(entry, payload))
        .map((e) => (e.what === 'muted' ? { ...e, by: 'U0ANA00001' } : e)),
    },
    rows: Array.from({ length: 120 }, () => laced(eventRow(), payload)),
    suppression: suppression({
      scope: { rule: payload, actor: payload, cluster: payload },
      preview: preview({ hiddenExamples: clusters, keptExamples: clusters }),
      reason: payload,
      rejection: { by: 'U0ARJUN001', reason: payload },
      approvers: ['U0ARJUN001'],
    }),
  };
}

/** Who is named because they acted, or because the configuration says so. */
const EXPECTED = new Set(['@ana', '@arjun', '@soc']);
const OURS = /^https:\/\/(app\.datadoghq\.com|acme\.slack\.com)\//;

function addressesOf(content: Content): string[] {
  return addressesIn(JSON.parse(JSON.stringify(messageBody(content))) as Json);
}

for (const [what, payload] of Object.entries(PAYLOADS))
  describe(what, () => {
    for (const language of LANGUAGES)
      test(`stays text in every message and dialog (${language})`, () => {
        const values = hostile(payload);
        for (const content of everyMessage(language, values)) {
          const drawn = drawMessage(slack, content);
          expect(drawn.problems, content.text.slice(0, 200)).toEqual([]);
          expect(drawn.notifies.filter((name) => !EXPECTED.has(name))).toEqual([]);
          expect(drawn.mentions.filter((name) => !EXPECTED.has(name))).toEqual([]);
          expect(addressesOf(content).filter((url) => !OURS.test(url))).toEqual([]);
          expect(unsafeMarkup(content)).toEqual([]);
          expect(unseenIn(content)).toEqual([]);
        }
        for (const view of everyView(language, values)) {
          const drawn = drawView(slack, view);
          expect(drawn.problems, view.callback_id).toEqual([]);
          expect(drawn.mentions).toEqual([]);
          expect(unseenIn(view)).toEqual([]);
          const raw = JSON.parse(JSON.stringify(view)) as JsonObject;
          expect(addressesIn(raw).filter((url) => !OURS.test(url))).toEqual([]);
        }
      });
  });

test('500 samples of the worst names are cut to what Slack takes', () => {
  for (const language of LANGUAGES)
    for (const content of everyMessage(language, hostile('\u202E<&'.repeat(1000), 500)))
      expect(drawMessage(slack, content).problems).toEqual([]);
});

test('every text of a signal is laced, so that nothing above is proved of harmless words', () => {
  const texts = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : value !== null && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, child]) => (FIXED.has(key) ? [] : texts(child)))
        : [];
  expect([...new Set(texts(hostileSignal('PAYLOAD', 2)))]).toEqual(['PAYLOAD']);
});

test('what would format or turn into a sign is in code style or in a leaf Slack never parses', () => {
  const sentence = everyMessage('en', hostile(':x: *b* _i_'))[0];
  expect(sentence?.text).toContain('`:x: *b* _i_`');
});

/** Texts Slack does parse, in which an attacker's words stand outside code style. */
function unsafeMarkup(content: Content): string[] {
  const inMrkdwn: string[] = [content.text];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) walk(item);
    else if (isObject(value as Json)) {
      const object = value as JsonObject;
      if (object.type === 'mrkdwn') inMrkdwn.push(String(object.text));
      for (const child of Object.values(object)) walk(child);
    }
  };
  walk(JSON.parse(JSON.stringify(content.blocks)));
  const outside = inMrkdwn.map((source) => source.replace(/`[^`\n]*`/g, ''));
  return outside.filter((source) =>
    /evil\.example|\*bold\*|_italic_|:x:|<!channel>|\p{Cs}|[\u202E\u200B]/u.test(source),
  );
}

/** Texts with something in it that nobody sees: it must be spelled out wherever it is shown. */
function unseenIn(value: unknown): string[] {
  if (typeof value === 'string')
    return /[\p{Cs}\p{Cf}\u3164\u2028]|(?!\n)\p{Cc}/u.test(value) ? [value.slice(0, 100)] : [];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(unseenIn) : [];
}
