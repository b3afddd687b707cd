/** The buttons of an approval: [Approve], and [Reject…] with its modal. */
import type { WebClient } from '@slack/web-api';
import { whomToAsk } from '../permissions.ts';
import { content, reasonModal, section } from '../slack/blocks.ts';
import { people } from '../slack/mrkdwn.ts';
import type { ClickRequest, SubmissionRequest } from '../slack/requests.ts';
import type { Approvals, Decided } from './approvals.ts';
import { text } from './text.ts';

export const REJECT_MODAL = 'approval.reject';

export async function approve(approvals: Approvals, request: ClickRequest): Promise<void> {
  const { value, userId, message } = request;
  await tell(request, await approvals.decide({ approvalId: value, userId, decision: 'approve', message }));
}

/** Opens at once: the trigger lives three seconds, so rights are checked when the reason comes back. */
export async function askReason(client: WebClient, request: ClickRequest): Promise<void> {
  const metadata = JSON.stringify({ approvalId: request.value, message: request.message });
  await client.views.open({
    trigger_id: request.triggerId,
    view: reasonModal(REJECT_MODAL, metadata, text[request.language].rejectModal),
  });
}

export async function reject(
  approvals: Approvals,
  request: SubmissionRequest,
  direct: (text: string) => Promise<void>,
): Promise<void> {
  const { approvalId, message } = JSON.parse(request.metadata) as {
    approvalId: string;
    message?: { channel: string; ts: string };
  };
  const { userId } = request;
  const decided = await approvals.decide({
    approvalId,
    userId,
    decision: 'reject',
    reason: request.field('reason', 'text'),
    message,
  });
  // A modal has no place to answer in; a refusal is told to the person directly.
  if (decided.outcome !== 'rejected') await direct(said(decided, request.language));
}

async function tell(request: ClickRequest, decided: Decided): Promise<void> {
  const sentence = said(decided, request.language);
  await request.reply(content(sentence, [section(sentence)]));
}

function said({ outcome, approval, missing, withdrawn }: Decided, language: ClickRequest['language']): string {
  const approvers = approval ? whomToAsk(approval).map(people).join(' + ') : '';
  return text[language].outcome[outcome]({ missing, approvers, withdrawn });
}
