/**
 * What Datadog's JSON says of a signal. One signal comes in two shapes, that of a list and that of a single GET, which
 * keep the same facts in different places (recorded in DataDog/datadog-api-client-typescript, cassettes
 * v2/Security-Monitoring); every place is looked into, so that either shape, or a mixture, is read. Nothing is
 * promised and much of it is chosen by attackers: this never throws, and what it gives is always small.
 */
import { clustersIn, readSample, sampleClusters, sampleTime } from './audit-sample.ts';
import { readClusters } from './clusters.ts';
import { at, count, cut, firstAt, identifier, instant, type Json, list, object, text } from './json.ts';
import { SEVERITIES, type Severity, type Signal, TRIAGE_STATES, type Triage } from './signal.ts';

/** Bytes of a signal as JSON: it is stored in a row, and read often. */
export const LARGEST_SIGNAL = 32_000;

/** In characters, of which each may take six bytes as JSON, and in pieces. */
interface Limits {
  title: number;
  message: number;
  text: number;
  tags: number;
  samples: number;
}

/** The second and third are for signals made to be too large; the third cannot be. */
const LIMITS: readonly [Limits, ...Limits[]] = [
  { title: 500, message: 3_000, text: 300, tags: 100, samples: 5 },
  { title: 500, message: 2_000, text: 150, tags: 40, samples: 3 },
  { title: 200, message: 400, text: 50, tags: 20, samples: 2 },
];

/** Datadog gives a handful of samples, and groups by a handful of paths. */
const SAMPLES_LOOKED_AT = 50;
const MOST_PATHS = 10;

/** One item of a list or search, or the `data` of a GET; undefined when it is no signal. */
export function readSignal(value: unknown): Signal | undefined {
  // A whole answer of a GET, as people copy it.
  const item = object(at(value, ['data'])) ?? object(value);
  const id = identifier(at(item, ['id']));
  const outer = object(at(item, ['attributes']));
  const type = at(item, ['type']);
  if (id === undefined || !outer || (type !== undefined && type !== 'signal')) return undefined;
  let signal: Signal | undefined;
  for (const limits of LIMITS) {
    signal = readWithin(limits, id, outer);
    if (!signal || Buffer.byteLength(JSON.stringify(signal)) <= LARGEST_SIGNAL) return signal;
  }
  return signal;
}

/** The places of a signal's facts, in the order of trust. */
type Places = readonly (Json | undefined)[];

function readWithin(limits: Limits, id: string, outer: Json): Signal | undefined {
  const inner: Places = ['custom', 'attributes', 'gated'].map((name) => object(at(outer, [name])));
  const places: Places = [...inner, outer];
  const word = (value: unknown) => text(value, limits.text);
  const time = (name: string) => firstAt(places, ['workflow', name], instant);
  const raised = instant(at(outer, ['timestamp'])) ?? instant(at(outer, ['discovery_timestamp']));
  const seen = [time('first_seen'), time('last_seen')];
  const when = raised ?? seen[0] ?? seen[1] ?? instant(at(outer, ['triggering_log_timestamp']));
  if (when === undefined) return undefined;
  const firstSeen = seen[0] ?? when;
  const lastSeen = seen[1] ?? when;

  const samples = newestFirst(firstAt(places, ['samples'], nonEmpty) ?? []);
  const ruleName = firstAt(places, ['workflow', 'rule', 'name'], (name) => text(name, limits.title));
  const title =
    firstAt(places, ['title'], (found) => text(found, limits.title)) ??
    text(at(outer, ['searchable', 'title']), limits.title);
  const tags = [...new Set(list(at(outer, ['tags'])).slice(0, 1_000))].flatMap((tag) => word(tag) ?? []);
  const groupedBy = groups(places, inner, tags, limits.text);
  return {
    id,
    title: title ?? ruleName ?? id,
    severity: severityOf(outer, places),
    rule: {
      id: firstAt(places, ['workflow', 'rule', 'id'], identifier),
      name: cut(ruleName ?? title ?? id, limits.text),
      shipped: firstAt(places, ['workflow', 'rule', 'isDefaultRule'], (found) => found === true || undefined) ?? false,
    },
    at: when,
    firstSeen: firstSeen < lastSeen ? firstSeen : lastSeen,
    lastSeen: firstSeen < lastSeen ? lastSeen : firstSeen,
    events: firstAt(places, ['workflow', 'events_matched'], count) ?? samples.length,
    tags: tags.slice(0, limits.tags),
    triage: triageOf(places, limits.text),
    message: message(firstAt([outer, ...inner], ['message'], (found) => text(found, 100_000)) ?? '', limits.message),
    clusters: readClusters([
      ...samples.flatMap(sampleClusters),
      ...inner.flatMap((place) => clustersIn(place)),
      ...clustersIn(undefined, at(outer, ['host'])),
      ...clustersIn(fromGroups(groupedBy)),
    ]),
    groupedBy,
    samples: samples.slice(0, limits.samples).map((sample) => readSample(sample, limits.text)),
  };
}

/** The outermost `status` is the severity; the one inside `attributes` is something else. */
function severityOf(outer: Json, places: Places): Severity {
  const named = (value: unknown) => SEVERITIES.find((severity) => severity === String(value).toLowerCase());
  const number = at(outer, ['severity']);
  return (
    named(text(at(outer, ['status']), 20)) ??
    (typeof number === 'number' ? SEVERITIES[number] : named(text(number, 20))) ??
    firstAt(places, ['triggeringRuleCase', 'status'], (status) => named(text(status, 20))) ??
    // Neither lost in a digest nor a false alarm in the night.
    'medium'
  );
}

function triageOf(places: Places, max: number): Triage {
  const find = <T>(read: (value: unknown) => T | undefined, ...path: string[]) =>
    firstAt(places, ['workflow', 'triage', ...path], read);
  const word = (value: unknown) => text(value, max);
  const reason = find(word, 'archiveReason') ?? find(word, 'archive_reason');
  const nobody = find((id) => (id === -1 ? true : undefined), 'assignee', 'id') ?? false;
  const name = find(word, 'assignee', 'name') ?? find(word, 'assignee', 'handle');
  return {
    state: find((state) => TRIAGE_STATES.find((known) => known === state), 'state') ?? 'open',
    // Nobody is a person of this name and number.
    assignee: nobody || name === 'Unassigned' ? undefined : name,
    archiveReason: reason === 'none' ? undefined : reason,
    by: find(word, 'updater', 'name') ?? find(word, 'updater', 'handle'),
    at: find(instant, 'stateUpdateTimestamp') ?? find(instant, 'state_update_timestamp'),
  };
}

/** Datadog marks Markdown by a line of `%%%` before and after it. */
function message(value: string, max: number): string {
  const bare = value.trim();
  if (!bare.startsWith('%%%')) return cut(bare, max);
  return cut((bare.length > 3 && bare.endsWith('%%%') ? bare.slice(3, -3) : bare.slice(3)).trim(), max);
}

/** What the rule groups by, with the signal's values: an attribute for `@…`, a tag or a reserved field otherwise. */
function groups(places: Places, inner: Places, tags: readonly string[], max: number): Signal['groupedBy'] {
  const queries = firstAt(places, ['queries'], nonEmpty) ?? [];
  const paths = [
    ...(firstAt(places, ['groupByPaths'], nonEmpty) ?? []),
    ...queries.slice(0, MOST_PATHS).flatMap((query) => list(at(query, ['groupByPaths']))),
  ].flatMap((path) => text(path, max) ?? []);
  const entities = (firstAt(places, ['entities'], nonEmpty) ?? []).filter((entity) => typeof entity === 'string');
  const outer = places.at(-1);
  return [...new Set(paths)].slice(0, MOST_PATHS).flatMap((path) => {
    const attribute = path.startsWith('@');
    const value =
      firstAt(attribute ? inner : [outer], attribute ? path.slice(1).split('.') : [path], (found) =>
        inWords(found, max),
      ) ??
      afterColon(path, attribute ? entities : tags, max) ??
      afterColon(path, entities, max);
    return value === undefined ? [] : [{ path, value }];
  });
}

function afterColon(name: string, items: readonly string[], max: number): string | undefined {
  return text(items.find((item) => item.startsWith(`${name}:`))?.slice(name.length + 1), max);
}

function inWords(value: unknown, max: number): string | undefined {
  if (Array.isArray(value)) {
    const words = value.slice(0, MOST_PATHS).flatMap((item) => (Array.isArray(item) ? [] : (inWords(item, max) ?? [])));
    return text(words.join(', '), max);
  }
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : text(value, max);
}

/** Group-by values in the shape of a log's attributes. */
function fromGroups(groupedBy: Signal['groupedBy']): Json {
  const valueAt = (path: string) => groupedBy.find((group) => group.path === path)?.value;
  const logGroup = valueAt('@aws.awslogs.logGroup') ?? valueAt('host');
  return { aws: { awslogs: { logGroup, owner: valueAt('@aws.awslogs.owner') } } };
}

function newestFirst(samples: readonly unknown[]): unknown[] {
  return samples
    .slice(0, SAMPLES_LOOKED_AT)
    .map((sample) => ({ sample, at: sampleTime(sample) ?? '' }))
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .map(({ sample }) => sample);
}

function nonEmpty(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}
