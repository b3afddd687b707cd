/** One broken link each: what is broken, and the conversation that must follow instead of a false success. */
import type { AcmeOptions } from './acme.ts';
import type { Conversation } from './conversation.ts';
import type { World } from './world.ts';

export interface Break {
  /** What is broken, in one line. */
  what: string;
  seed?: (world: World) => void;
  config?: (world: World) => Pick<AcmeOptions, 'env' | 'file'>;
  tell: (world: World, talk: Conversation) => Promise<void>;
}

export const BREAKS: Record<string, Break> = {};
