/** The rules of rich_text: sections, lists, quotes and preformatted text with their leaves, which Slack never parses. */
import { bool, byType, listOf, number, oneOf, type Rule, shape, string, url } from './validate-schema.ts';

const style = shape({ optional: { bold: bool, code: bool, italic: bool, strike: bool, underline: bool } });
const id = string(255);

function leaf(type: string, required: Record<string, Rule>, optional: Record<string, Rule> = {}): Rule {
  return shape({ required: { type: oneOf(type), ...required }, optional: { style, ...optional } });
}

const leaves: Record<string, Rule> = {
  text: leaf('text', { text: string(12_000) }),
  link: leaf('link', { url: url(3000) }, { text: string(12_000), unsafe: bool }),
  user: leaf('user', { user_id: id }),
  usergroup: leaf('usergroup', { usergroup_id: id }),
  team: leaf('team', { team_id: id }),
  channel: leaf('channel', { channel_id: id }),
  emoji: leaf('emoji', { name: string(255) }, { unicode: string(255), url: url(3000), skin_tone: number(1, 6) }),
  broadcast: leaf('broadcast', { range: oneOf('here', 'channel', 'everyone') }),
  color: leaf('color', { value: string(255) }),
  date: leaf('date', { timestamp: number(0), format: string(255) }, { url: url(3000), fallback: string(255) }),
};

const anyLeaf = byType(() => leaves);
const border = number(0, 1);
const MANY = 1000;

const section = shape({
  required: { type: oneOf('rich_text_section'), elements: listOf(anyLeaf, MANY, 0) },
});

const containers: Record<string, Rule> = {
  rich_text_section: section,
  rich_text_list: shape({
    required: {
      type: oneOf('rich_text_list'),
      elements: listOf(
        byType(() => ({ rich_text_section: section })),
        MANY,
      ),
      style: oneOf('bullet', 'ordered'),
    },
    optional: { indent: number(0, 8), border, offset: number(0) },
  }),
  rich_text_quote: shape({
    required: { type: oneOf('rich_text_quote'), elements: listOf(anyLeaf, MANY) },
    optional: { border },
  }),
  rich_text_preformatted: shape({
    required: {
      type: oneOf('rich_text_preformatted'),
      elements: listOf(
        byType(() => ({ text: leaves.text as Rule, link: leaves.link as Rule })),
        MANY,
      ),
    },
    optional: { border, language: string(255) },
  }),
};

export const richText = shape({
  required: {
    type: oneOf('rich_text'),
    elements: listOf(
      byType(() => containers),
      MANY,
    ),
  },
  optional: { block_id: string(255) },
});
