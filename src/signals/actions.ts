/** Which button and which dialog does what: joined to Slack's deliveries in `bot.ts`. */
import type { Asked, Click, ClickRequest, Request, Submission } from '../slack/requests.ts';
import type { GroupRequest, TriageDeps } from './acting.ts';
import { mute, postSeparately } from './card-acts.ts';
import { type Dialog, type DialogDeps, openDialog, openStorm, submitted, turnPage } from './dialogs.ts';
import { showEvents } from './events.ts';
import { MUTE_HOURS, SIGNAL_MODALS, SUPPRESSION_DAYS } from './modals.ts';
import { ARCHIVE_REASONS } from './signal.ts';
import { STORM_ACTIONS } from './storm-views.ts';
import { askSuppression, type SuppressionDeps } from './suppressions.ts';
import { archive, release, reopen, take } from './triage.ts';
import { SIGNAL_ACTIONS } from './views.ts';

export type ActionDeps = DialogDeps & SuppressionDeps;

export interface SignalActions {
  /** Buttons worked from the inbox, with the person read. */
  clicks: Record<string, (request: ClickRequest) => Promise<void>>;
  /** Buttons that open a dialog, or redraw one: before anybody is read. */
  unreadClicks: [string, (asked: Asked & Click) => Promise<void>][];
  /** Those of them whose trigger must be used within three seconds. */
  opensDialog: ReadonlySet<string>;
  submissions: Record<string, (request: Request & Submission) => Promise<void>>;
}

export function signalActions(deps: ActionDeps): SignalActions {
  const onGroup = (handler: (deps: TriageDeps, request: GroupRequest) => Promise<void>) => (request: ClickRequest) =>
    handler(deps, { ...request, groupId: request.value });
  const opener = (dialog: Dialog) => (asked: Asked & Click) => openDialog(deps, asked, dialog);
  const onSubmission =
    (handler: (request: GroupRequest, form: Submission) => Promise<void>) => (request: Request & Submission) =>
      handler({ ...request, ...submitted(request.metadata) }, request);
  const dialogs: [string, (asked: Asked & Click) => Promise<void>][] = [
    [SIGNAL_ACTIONS.archive, opener('archive')],
    [SIGNAL_ACTIONS.mute, opener('mute')],
    [SIGNAL_ACTIONS.suppress, opener('suppress')],
    [STORM_ACTIONS.show, (asked) => openStorm(deps, asked)],
  ];
  return {
    clicks: {
      [SIGNAL_ACTIONS.take]: onGroup(take),
      [SIGNAL_ACTIONS.release]: onGroup(release),
      [SIGNAL_ACTIONS.reopen]: onGroup(reopen),
      [SIGNAL_ACTIONS.events]: onGroup(showEvents),
      [STORM_ACTIONS.post]: onGroup(postSeparately),
      [STORM_ACTIONS.page]: (request) => turnPage(deps, request),
    },
    unreadClicks: dialogs,
    opensDialog: new Set(dialogs.map(([id]) => id)),
    submissions: {
      [SIGNAL_MODALS.archive]: onSubmission(async (request, form) => {
        const reason = oneOf(ARCHIVE_REASONS, form.field('reason', 'value')) ?? 'other';
        await archive(deps, request, { reason, comment: form.field('comment', 'text').trim() });
      }),
      [SIGNAL_MODALS.mute]: onSubmission(async (request, form) => {
        await mute(deps, request, oneOf(MUTE_HOURS, Number(form.field('hours', 'value'))) ?? MUTE_HOURS[0]);
      }),
      [SIGNAL_MODALS.suppress]: onSubmission(async (request, form) => {
        const days = oneOf(SUPPRESSION_DAYS, Number(form.field('days', 'value'))) ?? SUPPRESSION_DAYS[0];
        const reason = form.field('reason', 'text').trim();
        await askSuppression(deps, request, { scope: form.field('scope', 'value'), days, reason });
      }),
    },
  };
}

/** A forged form may hold anything. */
function oneOf<T>(values: readonly T[], value: unknown): T | undefined {
  return values.find((known) => known === value);
}
