/**
 * Opening and filling dialogs. A trigger lives three seconds, so a waiting view opens at once, whoever asked; what it is
 * about, and whether the person may, follows and takes its place.
 */
import type { ModalView, View } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Language } from '../config.ts';
import { messageOf, UserError } from '../errors.ts';
import { section } from './blocks.ts';
import { modal } from './inputs.ts';
import { text } from './text.ts';

/** A view of ours that Slack does not take: our mistake, to be seen. */
const MALFORMED = new Set(['invalid_arguments', 'invalid_blocks', 'view_too_large']);

/** The id of the view; undefined when this very click has opened one before. Throws `UserError` when it cannot. */
export async function openView(client: WebClient, triggerId: string, view: View): Promise<string | undefined> {
  try {
    return (await client.views.open({ trigger_id: triggerId, view })).view?.id;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'exchanged_trigger_id') return undefined;
    if (code && MALFORMED.has(code)) throw error;
    throw new UserError((language) => text[language].modalNotOpened, { cause: error });
  }
}

/** A person may have closed it meanwhile, and Slack may not answer: nothing is changed by that, so nothing is made of it. */
export async function replaceView(
  { client, log }: { client: WebClient; log: Logger },
  viewId: string,
  view: View,
): Promise<void> {
  await client.views.update({ view_id: viewId, view }).catch((error) => {
    const code = codeOf(error);
    if (code && MALFORMED.has(code)) throw error;
    log.info({ error: messageOf(error) }, 'a dialog could not be filled in; it was closed, or Slack did not answer');
  });
}

export function loadingView(language: Language): ModalView {
  const { title, body, close } = text[language].loading;
  return modal('loading', '', { title, close }, [section(body)]);
}

/** In the place of a dialog: why nothing happens. */
export function refusedView(sentence: string, language: Language): ModalView {
  const { refused, close } = text[language].loading;
  return modal('refused', '', { title: refused, close }, [section(sentence)]);
}

function codeOf(error: unknown): string | undefined {
  return (error as { data?: { error?: string } })?.data?.error;
}
