/**
 * What to do first, as the rule says: rules of our pack carry steps in both languages; the rules Datadog ships have a
 * numbered list under a heading such as "Triage and response" in their message, which is Markdown.
 */
import type { Language } from '../config.ts';
import type { RulePack } from '../rules/pack.ts';
import type { Signal } from './signal.ts';

const MOST_STEPS = 3;
const STEP_LIMIT = 400;

export function triageSteps(pack: RulePack, signal: Signal, language: Language): string[] {
  const id = signal.tags.find((tag) => tag.startsWith('eks-audit-id:'))?.slice('eks-audit-id:'.length);
  const ours = id === undefined ? undefined : pack.rules.find((rule) => rule.id === id);
  return (ours ? ours.triage[language] : stepsInMessage(signal.message)).slice(0, MOST_STEPS);
}

function stepsInMessage(message: string): string[] {
  const lines = message.split('\n');
  const heading = lines.findIndex((line) => /^#+\s.*(triage|response)/i.test(line));
  if (heading < 0) return [];
  const body = lines.slice(heading + 1);
  const end = body.findIndex((line) => /^#+\s/.test(line));
  return (end < 0 ? body : body.slice(0, end)).flatMap((line) => {
    const step = /^\s*(?:\d+[.)]|[-*])\s+(.+)$/.exec(line)?.[1];
    return step ? [withoutMarkdown(step).slice(0, STEP_LIMIT)] : [];
  });
}

/** `[label](url)` becomes its label: an address in a signal may have been chosen by whoever caused it. */
function withoutMarkdown(text: string): string {
  return text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*_]{1,3}/g, '');
}
