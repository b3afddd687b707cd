/** What of Slack this stand-in has, has in part, and has not. A test compares it with the routes. */

export interface Coverage {
  status: 'supported' | 'partial' | 'missing';
  note?: string;
}

export const coverage: Record<string, Coverage> = {
  'auth.test': { status: 'supported' },
  'chat.postMessage': {
    status: 'partial',
    note: 'parse, link_names, unfurls and username overrides are accepted and ignored',
  },
  'chat.update': { status: 'supported' },
  'chat.postEphemeral': { status: 'supported' },
  'chat.delete': { status: 'supported' },
  'chat.getPermalink': { status: 'supported' },
  'conversations.open': { status: 'partial', note: 'no group direct messages' },
  'conversations.info': { status: 'supported' },
  'conversations.list': { status: 'supported' },
  'conversations.members': { status: 'supported' },
  'conversations.history': { status: 'supported' },
  'conversations.replies': { status: 'supported' },
  'conversations.join': { status: 'supported' },
  'users.info': { status: 'supported' },
  'users.lookupByEmail': { status: 'supported' },
  'usergroups.list': { status: 'supported' },
  'usergroups.users.list': { status: 'supported' },
  'reactions.add': { status: 'supported' },
  'views.open': { status: 'supported' },
  'views.push': { status: 'supported' },
  'views.update': { status: 'supported' },
  'blocks.validate': { status: 'partial', note: 'error codes other than failed_constraint are not documented' },
  'files.getUploadURLExternal': { status: 'supported' },
  'files.completeUploadExternal': {
    status: 'partial',
    note: 'files are ready at once; the real ones are processed after',
  },
  'apps.connections.open': { status: 'supported' },
  'views.publish': { status: 'missing', note: 'the bot has no Home tab' },
  'files.info': { status: 'missing' },
  'chat.scheduleMessage': { status: 'missing' },
  'chat.startStream': { status: 'missing', note: 'streaming is for assistants' },
  'pins.add': { status: 'missing' },
  'bookmarks.add': { status: 'missing' },
  'users.list': { status: 'missing' },
  'oauth.v2.access': { status: 'missing', note: 'one workspace, installed by hand' },
  'apps.manifest.validate': { status: 'missing' },
};

/** Beyond Web API methods. */
export const beyondMethods: Record<string, Coverage> = {
  'slash commands': { status: 'supported' },
  'block_actions of messages, ephemeral messages, attachments and modals': { status: 'supported' },
  'view_submission, view_closed': { status: 'supported' },
  'global shortcuts': { status: 'supported' },
  'message shortcuts': { status: 'missing' },
  'block_suggestion (external_select)': { status: 'missing' },
  'dispatch_action of inputs': { status: 'missing' },
  response_url: { status: 'supported' },
  'Socket Mode': { status: 'supported' },
  'Events API with retries': { status: 'partial', note: 'events are emitted by hand; none follow from what happens' },
  'Enterprise Grid': { status: 'missing' },
};
