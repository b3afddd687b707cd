/**
 * Whatever somebody puts into a rule, a query, an event or a reason: every message and dialog about rules is taken by
 * Slack, notifies nobody but those who acted, and links nowhere but where we link to.
 */
import type { ModalView } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../playground/slack/json.ts';
import type { Language } from '../../src/config.ts';
import type { CatalogueRule } from '../../src/rules/catalogue.ts';
import { changeCard } from '../../src/rules/change-card.ts';
import type { Draft } from '../../src/rules/draft.ts';
import { askedModal, askModal, detailModal, queryModal } from '../../src/rules/modals.ts';
import { text } from '../../src/rules/text.ts';
import { ruleList, ruleView } from '../../src/rules/views.ts';
import { type Content, content, messageBody, section } from '../../src/slack/blocks.ts';
import { addressesIn, drawMessage, drawView, LANGUAGES } from '../signals/drawn.ts';
import { slack } from './drawn.ts';
import { ADVICE, APPROVALS, ARJUN, AT, cardAbout, draft, foreign, ofPack, packRule, SITE, tried } from './samples.ts';

slack.addUser({ id: 'U1', name: 'victim' });
slack.addUserGroup({ id: 'S1', handle: 'victims' });

const PAYLOADS: Record<string, string> = {
  'mentions of channels, people and groups': '<!channel> x<!here|here> <!everyone> <@U1> <!subteam^S1> <#C1>',
  'a link with a friendly label': '<https://evil.example|https://app.datadoghq.com>',
  'a bare address': 'https://evil.example/login',
  'entities that decode to a mention': '&lt;!channel&gt; &amp;lt;@U1&amp;gt;',
  'backticks and an unclosed code span': '`<!channel>` ``` <@U1> ``` a` <!here> *b',
  'bold, italic and struck text, a quotation and a list': '*bold* _italic_ ~struck~\n> quoted\n- item\n1. item',
  'bidirectional and zero-width characters':
    'safe\u202Egnp.exe\u202C \u2066x\u2069 ad\u200Bmin\u200D\uFEFF\u00AD\u3164',
  'emoji codes': ':white_check_mark: approved :x:',
  '500 lines': 'one *CRITICAL* two\r\nthree\u2028four\tfive\n'.repeat(500),
  'a date that is a link': '<!date^1^{date}^https://evil.example|x>',
  '3,000 characters': 'n'.repeat(3000),
  '3,000 characters that each are escaped': '&<>'.repeat(1000),
  '3,000 characters that each are spelled out': '\u202E'.repeat(3000),
  'emoji cut in half, and lone surrogates': `${'\u{1F600}'.repeat(2000)}\uD83D x\uDC00`,
  'control characters': 'a\u0000b\u001B[31mc\u0007',
  'nothing at all': '',
  'blanks only': ' \t\n ',
};

/** Enumerations, and ids of ours. */
const FIXED = new Set([
  ...['status', 'severity', 'state', 'origin', 'method', 'detectionMethod', 'aggregation', 'dataSource', 'type'],
  ...['what', 'kind', 'from', 'to', 'notes', 'relation', 'approvalId', 'requested_by'],
]);

/** The same value with every text in it replaced. */
function laced<T>(value: T, payload: string): T {
  const walk = (v: unknown, key: string): unknown => {
    if (typeof v === 'string') return FIXED.has(key) ? v : payload;
    if (Array.isArray(v)) return FIXED.has(key) ? v : v.map((item) => walk(item, key));
    if (v !== null && typeof v === 'object' && !(v instanceof Date))
      return Object.fromEntries(Object.entries(v).map(([k, child]) => [k, walk(child, k)]));
    return v;
  };
  return walk(value, '') as T;
}

const EDITED = ofPack(packRule(), {
  message: 'edited',
  cases: [{ name: 'named', status: 'low', condition: 'exec > 5', notifications: ['@slack-soc'] }],
});
const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);

/** Of everything there is much: queries, fields, tags, cases, edits. */
function wireOf(payload: string): Record<string, unknown> {
  const fields = times(50, payload);
  const query = { name: payload, query: payload, groupByFields: fields, distinctFields: fields, metrics: fields };
  return {
    name: payload,
    message: payload,
    tags: times(100, payload),
    queries: times(12, query),
    options: { detectionMethod: 'threshold', evaluationWindow: 300, keepAlive: 3600, maxSignalDuration: 7200 },
    cases: times(12, { name: payload, status: 'high', condition: payload }),
  };
}

function rulesWith(payload: string): CatalogueRule[] {
  const wire = wireOf(payload);
  const newValue = { ...wire, options: { detectionMethod: 'new_value', newValueOptions: {} } };
  const other = { ...wire, options: { detectionMethod: payload } };
  const more = { name: payload, key: payload, tactics: times(5, payload) };
  // The pack is our own; the rule in Datadog and what was done to it are not.
  const { pack } = EDITED;
  const edits = times(20, { path: payload, ours: payload, theirs: [payload, { deep: payload }] });
  const ours = { ...foreign(more, wire), pack, edits, state: 'edited' as const, origin: 'pack' as const };
  return [foreign(more, wire), foreign(more, newValue), foreign(more, other), ours, { ...ours, outdated: true }];
}

function draftWith(payload: string): Draft {
  return laced(
    draft({
      groupBy: times(50, 'x'),
      distinct: times(50, 'x'),
      of: times(50, 'x'),
      tags: times(100, 'x'),
      message: 'x',
    }),
    payload,
  );
}

function everyMessage(payload: string, language: Language): Content[] {
  const rules = rulesWith(payload);
  const page = { typed: `rules list ${payload}`, page: 2, all: 200 };
  const wanted = {
    rule: { id: payload, key: payload, name: payload },
    payload: laced(EDITED.existing?.wire, payload) as never,
    reason: payload,
    differences: times(20, { path: payload, ours: payload, theirs: payload }),
    preview: { signals: 1, events: 2, from: AT('00:00:00').toISOString(), to: AT('14:00:00').toISOString() },
    advice: laced([...ADVICE, ...ADVICE], payload),
  };
  const rejection = { by: ARJUN, reason: payload };
  const cards = (['asked', 'active', 'rejected', 'refused'] as const).flatMap((state) =>
    (['create', 'disable'] as const).map((kind) =>
      cardAbout({ kind, state, until: AT('23:00:00'), wanted }, { approvers: [ARJUN], rejection }),
    ),
  );
  return [
    ruleList(
      times(20, rules)
        .flat()
        .map((rule, i) => ({ ...rule, signals: i })),
      page,
      language,
    ),
    ruleList([], page, language),
    ...rules.map((rule) => ruleView(rule, { config: SITE, terraform: payload }, language)),
    ...cards.map((card) => changeCard(card, language)),
    ...sentences(payload, language).map((said) => content(said, [section(said)])),
  ];
}

/** What is said in one sentence, in answers and direct messages. */
function sentences(payload: string, language: Language): string[] {
  const { refusal: r, note: n } = text[language];
  const candidates = times(100, { key: payload, name: payload });
  return [
    r.unknownRule(payload, payload),
    r.ambiguous(payload, candidates),
    ...[r.notOurs, r.ofThePack, r.editOfThePack, r.otherMethod, r.notCreated, r.alreadyOn, r.alreadyOff].map((say) =>
      say(payload),
    ),
    ...[r.pending, r.badFor, r.datadogRefused].map((say) => say(payload)),
    n.changedByDatadog(times(5, payload)),
    n.direct('create', payload, n.rejected(`<@${ARJUN}>`, payload)),
    n.direct('edit', payload, n.refused(r.datadogRefused(payload))),
  ];
}

function everyDialog(payload: string, language: Language): ModalView[] {
  const id = 'change-1';
  const one = draftWith(payload);
  const newValue = { ...one, method: 'new_value' as const };
  const edit = { ...one, base: { id: payload, name: payload, edit: true } };
  const found = tried(times(20, payload));
  const advice = laced(ADVICE, payload);
  const errors = Object.fromEntries([...Object.keys(one), 'other'].map((field) => [field, payload]));
  const raised = times(5, { at: 0, lastAt: 0, severity: 'high' as const, group: times(50, payload), events: 3 });
  return [
    queryModal({ id, draft: one, errors }, language),
    queryModal({ id, draft: edit }, language),
    detailModal({ id, draft: one, errors }, found, advice, SITE, language),
    detailModal({ id, draft: newValue, errors }, found, advice, SITE, language),
    askModal({ id, draft: one }, raised, found, advice, language),
    askModal({ id, draft: newValue }, [], found, advice, language),
    askedModal(APPROVALS, language),
  ];
}

const EXPECTED = new Set(['@arjun', '@olivia']);
const OURS = /^https:\/\/(app\.datadoghq\.com|attack\.mitre\.org)\//;

for (const [what, payload] of Object.entries(PAYLOADS))
  describe(what, () => {
    for (const language of LANGUAGES) {
      test(`stays text in every message (${language})`, () => {
        for (const message of everyMessage(payload, language)) {
          const drawn = drawMessage(slack, message);
          expect(drawn.problems, message.text.slice(0, 200)).toEqual([]);
          expect([...drawn.notifies, ...drawn.mentions].filter((name) => !EXPECTED.has(name))).toEqual([]);
          const raw = JSON.parse(JSON.stringify(messageBody(message))) as Json;
          expect(addressesIn(raw).filter((url) => !OURS.test(url))).toEqual([]);
          expect(unsafeMarkup([message.text, ...mrkdwnIn(message.blocks)])).toEqual([]);
          expect(unseenIn(message)).toEqual([]);
        }
      });
      test(`stays text in every dialog (${language})`, () => {
        for (const view of everyDialog(payload, language)) {
          const drawn = drawView(slack, view);
          expect(drawn.problems, view.callback_id).toEqual([]);
          expect(drawn.mentions).toEqual([]);
          const raw = JSON.parse(JSON.stringify(view)) as JsonObject;
          expect(addressesIn(raw).filter((url) => !OURS.test(url))).toEqual([]);
          expect(unsafeMarkup(mrkdwnIn(view))).toEqual([]);
          expect(unseenIn(view)).toEqual([]);
        }
      });
    }
  });

test('what is laced is shown, so that nothing above is proved of harmless words', () => {
  for (const message of everyMessage('PAYLOAD', 'en').filter(({ text: said }) => !said.startsWith('0 of')))
    expect(JSON.stringify(message)).toContain('PAYLOAD');
  for (const view of everyDialog('PAYLOAD', 'en').slice(0, -1)) expect(JSON.stringify(view)).toContain('PAYLOAD');
});

/** Texts Slack parses. */
function mrkdwnIn(value: unknown): string[] {
  const raw = JSON.parse(JSON.stringify(value)) as Json;
  const walk = (v: Json | undefined): string[] => {
    if (Array.isArray(v)) return v.flatMap(walk);
    if (!isObject(v)) return [];
    return [...(v.type === 'mrkdwn' ? [String(v.text)] : []), ...Object.values(v).flatMap(walk)];
  };
  return walk(raw);
}

/** In which an attacker's words stand outside code style. */
function unsafeMarkup(sources: readonly string[]): string[] {
  const outside = sources.map((source) => source.replace(/`[^`\n]*`/g, ''));
  return outside.filter((source) =>
    /evil\.example|\*bold\*|_italic_|:x:|<!(channel|here)|nnnnnn|\p{Cs}|[\u202E\u200B]/u.test(source),
  );
}

/** What nobody sees must be spelled out wherever it is shown; what is typed into a field, or sent back, stays as it is. */
function unseenIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string')
    return key !== 'initial_value' && key !== 'value' && /[\p{Cs}\p{Cf}\u3164\u2028]|(?!\n)\p{Cc}/u.test(value)
      ? [value.slice(0, 100)]
      : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([k, child]) => unseenIn(child, k));
}
