/** The buttons of an approval: [Approve], and [Reject…] with its modal. */
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Language } from '../config.ts';
import { whomToAsk } from '../permissions.ts';
import { content, reasonModal, section } from '../slack/blocks.ts';
import { openView } from '../slack/dialog.ts';
import { people as names } from '../slack/mrkdwn.ts';
import type { People } from '../slack/people.ts';
import type { Asked, Click, Submission } from '../slack/requests.ts';
import type { Approvals, Decided } from './approvals.ts';
import { text } from './text.ts';

export const REJECT_MODAL = 'approval.reject';

/** What the modal carries to its submission. Not a capability: everything in it is judged like a click. */
const Metadata = z.object({
  approvalId: z.string(),
  message: z.object({ channel: z.string(), ts: z.string() }).optional(),
});

export async function approve(approvals: Approvals, asked: Asked & Click): Promise<void> {
  const { id: requestId, value, userId, message } = asked;
  await tell(asked, await approvals.decide({ requestId, approvalId: value, userId, decision: 'approve', message }));
}

/**
 * Opens at once, because the trigger lives three seconds and Slack's word on a person may take longer: rights are
 * checked when the reason comes back. Somebody seen for the first time gets the modal in their language a moment later.
 */
export async function askReason(
  deps: { client: WebClient; people: Pick<People, 'read' | 'languageOf'> },
  asked: Asked & Click,
): Promise<void> {
  const { client, people } = deps;
  const metadata = JSON.stringify({ approvalId: asked.value.slice(0, 200), message: asked.message });
  const modal = (language: Language) => reasonModal(REJECT_MODAL, metadata, text[language].rejectModal);
  const known = people.languageOf(asked.userId);
  const viewId = await openView(client, asked.triggerId, modal(known ?? asked.language));
  if (known || !viewId) return;
  const person = await people.read(asked.userId).catch(() => undefined);
  if (!person || person.language === asked.language) return;
  // Closed or submitted meanwhile: nothing is left to translate.
  await client.views.update({ view_id: viewId, view: modal(person.language) }).catch(() => {});
}

export async function reject(approvals: Approvals, asked: Asked & Submission): Promise<void> {
  const { userId } = asked;
  const carried = Metadata.safeParse(fromJson(asked.metadata)).data;
  const decided = await approvals.decide({
    requestId: asked.id,
    approvalId: carried?.approvalId ?? '',
    userId,
    decision: 'reject',
    reason: asked.field('reason', 'text').trim(),
    message: carried?.message,
  });
  // The card shows a rejection by itself; a refusal is told to the person.
  if (decided.outcome !== 'rejected') await tell(asked, decided);
}

async function tell(asked: Asked, decided: Decided): Promise<void> {
  const sentence = said(decided, decided.language ?? asked.language);
  await asked.reply(content(sentence, [section(sentence)]));
}

function said({ outcome, approval, missing, withdrawn }: Decided, language: Language): string {
  const t = text[language];
  const audiences = approval ? whomToAsk(approval).map(names).filter(Boolean) : [];
  return t.outcome[outcome]({
    missing,
    ask: audiences.length > 0 ? t.ask(audiences.join(' + ')) : t.askAdmin,
    withdrawn,
  });
}

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
