/**
 * Opens the dialogs of triage. A click's trigger lives three seconds, so a waiting dialog opens at once, whoever
 * clicked; what it is about, and whether the person may, follows and takes its place.
 */

import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Language } from '../config.ts';
import { UserError } from '../errors.ts';
import { loadingView, openView, refusedView, replaceView } from '../slack/dialog.ts';
import type { People } from '../slack/people.ts';
import type { Asked, Click } from '../slack/requests.ts';
import { type GroupRequest, ourGroup, type TriageDeps } from './acting.ts';
import type { GroupCard } from './card.ts';
import { groupLines } from './lists.ts';
import { archiveModal, muteModal, STORM_PAGE, stormModal, suppressModal } from './modals.ts';
import { ARCHIVE_REASONS, SEVERITIES } from './signal.ts';
import { previews } from './suppressions.ts';
import { text } from './text.ts';

export type DialogDeps = TriageDeps & {
  client: WebClient;
  people: Pick<People, 'read' | 'languageOf'>;
  workspaceUrl: () => string;
};

/** What a dialog carries to its submission. Not a capability: it is judged like a click. */
const Metadata = z.object({
  groupId: z.string(),
  message: z.object({ channel: z.string(), ts: z.string() }).optional(),
  asOf: z.iso
    .datetime()
    .transform((at) => new Date(at))
    .optional(),
  signalId: z.string().optional(),
});

export type Dialog = 'archive' | 'mute' | 'suppress';

export async function openDialog(deps: DialogDeps, asked: Asked & Click, dialog: Dialog): Promise<void> {
  const { db, clock, drawing } = deps;
  await withDialog(deps, asked, async (request) => {
    const asOf = clock.now();
    const group = await ourGroup(deps, request);
    const card = await drawing.card(db, group);
    if (!card) throw new UserError((language) => text[language].refusal.unknownGroup);
    if (card.counts.open + card.counts.under_review === 0)
      throw new UserError((language) => text[language].refusal.nothingOpen);
    if (dialog === 'suppress' && group.suppression)
      throw new UserError((language) => text[language].refusal.suppressionPending);
    const metadata = JSON.stringify({ groupId: group.id, message: request.message, asOf, signalId: card.latest.id });
    return view[dialog](card, request.language, metadata, () => previews(db, card.latest, clock.now()));
  });
}

const view: Record<
  Dialog,
  (
    card: GroupCard,
    language: Language,
    metadata: string,
    previewed: () => ReturnType<typeof previews>,
  ) => Promise<ModalView>
> = {
  archive: async (card, language, metadata) => archiveModal(card, ARCHIVE_REASONS, language, metadata),
  mute: async (card, language, metadata) => {
    if (card.severity === 'critical') throw new UserError((l) => text[l].refusal.criticalNotMuted);
    return muteModal(card, language, metadata);
  },
  suppress: async (card, language, metadata, previewed) => suppressModal(await previewed(), card, language, metadata),
};

/** The list behind a storm's card. */
export async function openStorm(deps: DialogDeps, asked: Asked & Click): Promise<void> {
  await withDialog(deps, asked, (request) => stormPage(deps, request.language, { stormId: asked.value, page: 1 }));
}

const PageValue = z.object({
  stormId: z.string(),
  page: z.number().int().min(1),
  severity: z.enum(SEVERITIES).optional(),
});

/** Another page or another severity, in the dialog that is open. */
export async function turnPage(deps: DialogDeps, asked: Asked & Click): Promise<void> {
  const value = PageValue.safeParse(fromJson(asked.value)).data;
  if (!value || !asked.viewId) return;
  const person = await deps.people.read(asked.userId);
  deps.requireAnalyst(person);
  const page = await stormPage(deps, person.language, value);
  await replaceView(deps, asked.viewId, page);
}

async function stormPage(
  deps: DialogDeps,
  language: Language,
  { stormId, page, severity }: z.infer<typeof PageValue>,
): Promise<ModalView> {
  const asked = { stormId, limit: STORM_PAGE, offset: (page - 1) * STORM_PAGE, ...(severity ? { severity } : {}) };
  const { lines, groups } = await groupLines(deps.db, deps, asked);
  const pages = Math.max(1, Math.ceil(groups / STORM_PAGE));
  return stormModal({ stormId, lines, page, pages, severity }, language);
}

/** What a submission is about; the ids of nothing when it is not one of ours. */
export function submitted(metadata: string): Pick<GroupRequest, 'groupId' | 'message' | 'asOf' | 'signalId'> {
  return Metadata.safeParse(fromJson(metadata)).data ?? { groupId: '' };
}

async function withDialog(
  deps: DialogDeps,
  asked: Asked & Click,
  draw: (request: GroupRequest) => Promise<ModalView>,
): Promise<void> {
  const { client, people } = deps;
  const viewId = await openView(client, asked.triggerId, loadingView(asked.language));
  if (!viewId) return;
  const show = (shown: ModalView) => replaceView(deps, viewId, shown);
  try {
    const person = await people.read(asked.userId);
    deps.requireAnalyst(person);
    const { language } = person;
    await show(await draw({ ...asked, person, language, groupId: asked.value, message: asked.message }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const language = people.languageOf(asked.userId) ?? asked.language;
    await show(refusedView(error.say(language), language));
  }
}

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
