/** Messages and dialogs about rules as people read them; what Slack would refuse fails the test. */
import type { ModalView } from '@slack/types';
import { expect } from 'vitest';
import type { Language } from '../../src/config.ts';
import type { Content } from '../../src/slack/blocks.ts';
import { drawMessage, drawView, LANGUAGES, openDirectory } from '../signals/drawn.ts';
import { ARJUN, OLIVIA } from './samples.ts';

export const slack = openDirectory();
slack.addUser({ id: OLIVIA, name: 'olivia' });
if (!slack.users.has(ARJUN)) slack.addUser({ id: ARJUN, name: 'arjun' });

export function shown(content: Content): string {
  const { problems, text } = drawMessage(slack, content);
  expect(problems).toEqual([]);
  return `(${content.text})\n${text}`;
}

export function dialog(view: ModalView): string {
  const { problems, text } = drawView(slack, view);
  expect(problems).toEqual([]);
  return text;
}

export const both = (draw: (language: Language) => Content) => LANGUAGES.map((l) => shown(draw(l))).join('\n\n');
