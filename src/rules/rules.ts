/** Detection rules in Slack: which command, button and dialog does what; joined to Slack's deliveries in `bot.ts`. */
import type { CommandName, ParsedCommand } from '../commands.ts';
import type { Content } from '../slack/blocks.ts';
import type { Asked, ClickRequest, Command, CommandRequest, Request, Submission } from '../slack/requests.ts';
import { createRuleChanges } from './changes.ts';
import { disable, enable, list, remove, show } from './command.ts';
import { goBack, OPENS_DIALOG, openRuleDialog, type RuleDialogDeps, ruleSubmissions } from './dialogs.ts';
import { BACK, RULE_MODALS } from './modals.ts';

type RuleCommand = Extract<CommandName, `rules ${string}`>;
type Handler = (command: ParsedCommand, request: CommandRequest) => Promise<Content | undefined>;

export function createRules(deps: RuleDialogDeps, parse: (typed: string) => ParsedCommand) {
  const { work, currentHash, approvalChanged } = createRuleChanges(deps);
  const open: Handler = async (command, request) => {
    await openRuleDialog(deps, request, command);
    return undefined;
  };
  const commands: Record<RuleCommand, Handler> = {
    'rules list': (command, { language }) => list(deps, command, language),
    'rules show': (command, { language }) => show(deps, command, language),
    'rules enable': (command, request) => enable(deps, command, request),
    'rules disable': (command, request) => disable(deps, command, request),
    'rules delete': (command, request) => remove(deps, command, request),
    'rules create': open,
    'rules export': open,
    'rules clone': open,
    'rules edit': open,
  };
  const clicks: Record<string, (request: ClickRequest) => Promise<void>> = {
    [BACK]: (request) => goBack(deps, request),
  };
  const submissions: Record<string, (request: Request & Submission) => Promise<void>> = ruleSubmissions(deps);
  return {
    commands,
    clicks,
    submissions,
    /** Whether what was typed opens the dialog: then its trigger must be used before anybody is read. */
    opensDialog: (typed: unknown) => OPENS_DIALOG.has(String(typed).trim().split(/\s+/).slice(0, 2).join(' ')),
    openDialog: (asked: Asked & Command) => openRuleDialog(deps, asked, parse(asked.text)),
    /** A step whose submission keeps the dialog open. */
    isStep: (callbackId: string) => Object.values<string>(RULE_MODALS).includes(callbackId),
    approvals: { currentHash, approvalChanged },
    work,
  };
}
