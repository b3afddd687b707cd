/** The one thing messages say of themselves. */
import type { ContextBlock } from '@slack/types';
import type { Language } from '../config.ts';
import { context } from '../slack/blocks.ts';

export const text = {
  repeated(language: Language): ContextBlock {
    return context(
      language === 'ja'
        ? '再起動の直後のため、同じメッセージが 2 回届いている可能性があります。'
        : 'Sent again after a restart; you may see this message twice.',
    );
  },
};
