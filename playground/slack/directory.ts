/** Who is in the workspace and where they can meet: people, user groups, channels. */
import { newObjectId } from './identifiers.ts';
import type { Channel, SlackUser, UserGroup } from './model.ts';

export class Directory {
  readonly team = { id: 'T0ACME0001', domain: 'acme', name: 'Acme' };
  readonly bot = { id: 'B0EKSAUDIT', userId: 'U0EKSAUDIT' };
  readonly users = new Map<string, SlackUser>();
  readonly userGroups = new Map<string, UserGroup>();
  readonly channels = new Map<string, Channel>();

  constructor() {
    this.addUser({ id: this.bot.userId, name: 'eks-audit', realName: 'EKS Audit', isBot: true });
  }

  addUser(seed: Partial<SlackUser> & { name: string }): SlackUser {
    const user: SlackUser = {
      id: newObjectId('U'),
      realName: seed.name,
      email: `${seed.name}@acme.example`,
      locale: 'en-US',
      tz: 'Etc/UTC',
      tzOffsetSeconds: 0,
      teamId: this.team.id,
      deleted: false,
      isBot: false,
      isAdmin: false,
      isRestricted: false,
      isUltraRestricted: false,
      isStranger: false,
      ...seed,
    };
    this.users.set(user.id, user);
    return user;
  }

  addUserGroup(seed: { handle: string; id?: string; members?: string[]; disabled?: boolean }): UserGroup {
    const group: UserGroup = {
      id: seed.id ?? newObjectId('S'),
      handle: seed.handle,
      name: seed.handle,
      members: seed.members ?? [],
      disabled: seed.disabled ?? false,
    };
    this.userGroups.set(group.id, group);
    return group;
  }

  /** The bot is a member unless `bot: false`. */
  addChannel(seed: {
    name: string;
    id?: string;
    members?: string[];
    bot?: boolean;
    isPrivate?: boolean;
    isArchived?: boolean;
    isExtShared?: boolean;
  }): Channel {
    const members = new Set(seed.members ?? []);
    if (seed.bot !== false) members.add(this.bot.userId);
    const channel: Channel = {
      id: seed.id ?? newObjectId('C'),
      name: seed.name.replace(/^#/, ''),
      kind: 'channel',
      isPrivate: seed.isPrivate ?? false,
      isArchived: seed.isArchived ?? false,
      isExtShared: seed.isExtShared ?? false,
      members,
      user: undefined,
      messages: [],
    };
    this.channels.set(channel.id, channel);
    return channel;
  }

  /** The direct message channel between the bot and a person, made at first use. */
  directMessage(userId: string): Channel {
    for (const channel of this.channels.values()) if (channel.user === userId) return channel;
    const channel = this.addChannel({ id: newObjectId('D'), name: userId, members: [userId] });
    channel.kind = 'im';
    channel.isPrivate = true;
    channel.user = userId;
    return channel;
  }

  /** By id, `@name` or name. Throws: a person who does not exist can do nothing. */
  user(idOrName: string): SlackUser {
    const name = idOrName.replace(/^@/, '');
    const found = this.users.get(idOrName) ?? [...this.users.values()].find((user) => user.name === name);
    if (!found) throw new Error(`no user ${idOrName} in the workspace`);
    return found;
  }

  /** By id, `#name` or name; `@name` is the direct message with that person. */
  channel(idOrName: string): Channel {
    if (idOrName.startsWith('@')) return this.directMessage(this.user(idOrName).id);
    const name = idOrName.replace(/^#/, '');
    const found =
      this.channels.get(idOrName) ?? [...this.channels.values()].find((c) => c.kind === 'channel' && c.name === name);
    if (!found) throw new Error(`no channel ${idOrName} in the workspace`);
    return found;
  }
}
