/** Every broken link of the demo ends in the right diagnosis, never in a false success. */
import { expect, test } from 'vitest';
import { BREAKS } from '../../playground/breaks.ts';
import { Conversation } from '../../playground/conversation.ts';
import { startBot } from '../bot.ts';

for (const [name, broken] of Object.entries(BREAKS)) {
  test(`broken: ${broken.what} (--break ${name})`, async () => {
    await using bot = await startBot({ ...(broken.seed ? { seed: broken.seed } : {}) });
    bot.ignoreRest();
    const printed: string[] = [];
    try {
      await broken.tell(bot.world, new Conversation(bot.world, (line) => printed.push(line)));
    } catch (error) {
      throw new Error(`${String(error)}\n${printed.slice(-25).join('\n')}`);
    }
    if (!printed.join('\n').includes('is under audit')) expect(printed.join('\n')).not.toContain('Done');
  }, 60_000);
}
