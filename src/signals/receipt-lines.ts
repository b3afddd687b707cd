/** What happened to one signal, one sentence for each entry of its receipt. Pure. */
import type { Language } from '../config.ts';
import { inChannel, name, type Rich, rich, said } from '../slack/rich-text.ts';
import type { ReceiptEntry } from './card.ts';
import { reasonWords } from './notes.ts';
import { text } from './text.ts';

export function receiptLine(entry: ReceiptEntry, language: Language): Rich {
  const t = text[language].receipt;
  const { severity } = text[language];
  switch (entry.what) {
    case 'received':
      return rich`${t.received[entry.via]}`;
    case 'repeated':
      return rich`${t.repeated}`;
    case 'read':
      return rich`${t.read}`;
    case 'not-readable':
      return t.notReadable(said(entry.reason, 200));
    case 'routed':
      return t.routed(name(entry.path), inChannel(entry.channel), entry.deliver);
    case 'grouped':
      return t.grouped(name(entry.groupId), entry.first);
    case 'folded':
      return rich`${t.folded}`;
    case 'posted':
      return t.posted(inChannel(entry.channel), entry.repeated);
    case 'digested':
      return t.digested(inChannel(entry.channel));
    case 'severity':
      return rich`${t.severity(severity[entry.from], severity[entry.to])}`;
    case 'triaged': {
      const reason = entry.reason === undefined ? undefined : rich`${said(reasonWords(entry.reason, language), 200)}`;
      return t.triaged(entry.by, entry.state, place(entry.in), reason);
    }
    case 'taken':
      return t.taken(entry.by, place(entry.in));
    case 'muted':
      return t.muted(entry.by, entry.until);
    case 'escalated':
      return t.escalated(entry.mention);
  }
}

function place(where: 'slack' | 'datadog'): string {
  return where === 'slack' ? 'Slack' : 'Datadog';
}
