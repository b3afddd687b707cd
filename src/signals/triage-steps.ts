/**
 * What to do first, as the rule says: rules of our pack carry steps in both languages; the rules Datadog ships have a
 * numbered list under a heading such as "Triage and response" in their message, which is Markdown.
 */
import type { Language } from '../config.ts';
import type { RulePack } from '../rules/pack.ts';
import { actorOf, type Signal } from './signal.ts';

const MOST_STEPS = 3;
const STEP_LIMIT = 400;
/** Names are chosen by attackers, and a long one must not push the advice out of the step. */
const NAME_LIMIT = 120;

export function triageSteps(pack: RulePack, signal: Signal, language: Language): string[] {
  const id = signal.tags.find((tag) => tag.startsWith('eks-audit-id:'))?.slice('eks-audit-id:'.length);
  const ours = id === undefined ? undefined : pack.rules.find((rule) => rule.id === id);
  const steps = ours ? ours.triage[language].map((step) => withNames(step, signal)) : stepsInMessage(signal.message);
  return steps.slice(0, MOST_STEPS);
}

/** Datadog fills in the variables of a rule's message; the steps of our pack come from our own files, so we do. */
function withNames(step: string, signal: Signal): string {
  const object = signal.samples[0]?.object;
  const names: Record<string, string | undefined> = {
    'usr.name': actorOf(signal),
    'objectRef.name': object?.name,
    'objectRef.namespace': object?.namespace,
  };
  return step.replace(/\{\{@([\w.]+)\}\}/g, (_, path: string) => names[path]?.slice(0, NAME_LIMIT) ?? `@${path}`);
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
