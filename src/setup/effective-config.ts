/** `cli config`: what the bot would work with, defaults included and secrets left out, in the form it is written in. */
import { stringify } from 'yaml';
import type { Config, ConfigFile, ConfigParts } from '../config.ts';
import { SECRETS } from '../redaction.ts';

const HIDDEN = '[hidden]';
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;
/** Keys outside `timing` whose values are durations. */
const DURATIONS = new Set(['expires_after', 'check_every', 'after']);

/** Two parts, each with the name of its source as a comment. */
export function effectiveConfig({ env, file, path }: Required<ConfigParts>): string {
  const secret = new Set<keyof Config>(SECRETS);
  const variables = Object.entries(env ?? {}).filter(([, value]) => value !== undefined);
  const lines = variables.map(([name, value]) => `${name}=${secret.has(name as keyof Config) ? HIDDEN : value}`);
  return [
    `# environment`,
    ...lines.sort(),
    '',
    `# ${path}`,
    stringify(written(withDefaultChannel(file), []), { lineWidth: 0 }),
  ].join('\n');
}

function withDefaultChannel(file: ConfigFile | undefined): ConfigFile | undefined {
  return file && { ...file, signals: { ...file.signals, channel: file.signals.channel ?? file.admin_channel } };
}

/** Durations are milliseconds inside and `15m` in the file. */
function written(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((inner) => written(inner, path));
  if (typeof value === 'number') return isDuration(path) ? duration(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, written(inner, [...path, key])]));
}

function isDuration(path: readonly string[]): boolean {
  return path[0] === 'timing' || path[0] === 'retention' || DURATIONS.has(path.at(-1) ?? '');
}

/** As it would be written in the file. */
export function duration(ms: number): string {
  // Of days only where the hours would be hard to read: 24h says more than 1d.
  const [unit, length] = UNITS.find(([name, l]) => ms !== 0 && ms % l === 0 && (name !== 'd' || ms > 2 * l)) ?? [
    'ms',
    1,
  ];
  return `${ms / length}${unit}`;
}
