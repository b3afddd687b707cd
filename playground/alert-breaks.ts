/**
 * One broken link each between a cluster under audit and an alert in Slack: the alert does not come, the bot tells where
 * to look, and once the link is mended the next alert does come. The demo plays them, and each is a test.
 */
import { EXEC_RULE, runsExec } from './alert-story.ts';
import { enablesProdA } from './breaks.ts';
import type { Conversation } from './conversation.ts';
import type { Stage } from './stage.ts';
import type { World } from './world.ts';

export interface AlertBreak {
  /** What is broken, in one line. */
  what: string;
  /** Intervals of the bot's configuration that differ from Acme's. */
  timing?: Record<string, string>;
  tell: (stage: Pick<Stage, 'world' | 'restart'>, talk: Conversation) => Promise<void>;
}

/** From the shell to Slack an alert takes a tenth of a second in the tests, half a second in the demo. */
const LONG_ENOUGH_MS = 2_000;
const NEW_TOKEN = 'playground-webhook-token-of-next-year';

export const ALERT_BREAKS: Record<string, AlertBreak> = {
  'rule-disabled': {
    what: 'somebody switches our rule off in Datadog: no alert comes',
    async tell({ world }, talk) {
      await enablesProdA(talk);
      talk.scene('Somebody switches the rule off in Datadog.');
      switchRule(world, false);
      runsExec(world, talk, 'jane.doe@example.com');
      await talk.expects('Datadog has the audit event', () => sawShellOf(world, 'jane.doe-example.com'));
      await talk.staysSilent('security', 'no alert came', LONG_ENOUGH_MS);
      await talk.expects('Datadog raised no signal', () => world.datadog.signals.length === 0);
      await talk.types('olivia', '/eks-audit status prod-a');
      await talk.tells('olivia', `Edited or disabled by people since we made them: ${EXEC_RULE}`);

      talk.scene('It is switched on again.');
      switchRule(world, true);
      await theNextOneComes(world, talk);
    },
  },
  'webhook-secret-wrong': {
    what: 'the bot restarts with another WEBHOOK_TOKEN than Datadog has, and does not poll: no alert comes',
    // There is no switch for it: asking Datadog is what finds signals when the webhook fails.
    timing: { signals_poll: '24h' },
    async tell({ world, restart }, talk) {
      const { datadog } = world;
      await enablesProdA(talk);
      talk.scene('The bot is restarted with a new WEBHOOK_TOKEN, and without WEBHOOK_TOKEN_PREVIOUS.');
      await restart({ WEBHOOK_TOKEN: NEW_TOKEN });
      runsExec(world, talk, 'jane.doe@example.com');
      await talk.expects('Datadog rang, and the bot refused it', () =>
        datadog.sender.deliveries.some(({ status }) => status === 401),
      );
      await talk.staysSilent('security', 'no alert came', LONG_ENOUGH_MS);
      await talk.types('ana', `/eks-audit where ${datadog.signals[0]?.id ?? ''}`);
      await talk.tells('ana', 'Nothing is on record for it');
      await talk.types('olivia', '/eks-audit status prod-a');
      await talk.tells('olivia', 'The secret changed: Datadog may still ring with an older `WEBHOOK_TOKEN`');

      talk.scene('As status advises, the new secret is stored in Datadog.');
      await enablesProdA(talk);
      await theNextOneComes(world, talk);
    },
  },
};

async function theNextOneComes(world: World, talk: Conversation): Promise<void> {
  runsExec(world, talk, 'bob@example.com');
  const card = await talk.posts('security', EXEC_RULE);
  await talk.expects('the next alert came', () => world.slack.render(card).includes('bob-example.com'));
}

function switchRule({ datadog }: World, isEnabled: boolean): void {
  const rule = datadog.rule(EXEC_RULE);
  const [somebody] = datadog.users;
  if (!rule || !somebody) throw new Error(`there is no rule ${EXEC_RULE}, or nobody to switch it`);
  datadog.rules.update(rule, { isEnabled }, somebody);
}

function sawShellOf({ datadog }: World, session: string): boolean {
  return datadog.logs.indexed.some(({ event }) => JSON.stringify(event.attributes).includes(session));
}
