/** The objects Block Kit elements are made of: texts, images, confirm dialogs, options (docs.slack.dev/reference/block-kit/composition-objects). */
import { all, anyOf, bool, byType, listOf, oneOf, type Rule, shape, string, url, when } from './validate-schema.ts';

export function plainText(max: number): Rule {
  return shape({ required: { type: oneOf('plain_text'), text: string(max) }, optional: { emoji: bool } });
}

export function mrkdwn(max: number): Rule {
  return shape({ required: { type: oneOf('mrkdwn'), text: string(max) }, optional: { verbatim: bool } });
}

/** plain_text or mrkdwn. */
export function anyText(max: number): Rule {
  return anyOf(byType(() => ({ plain_text: plainText(max), mrkdwn: mrkdwn(max) })));
}

const slackFile = all(
  shape({ optional: { id: string(255), url: url(3000) } }),
  when((file) => (file.id === undefined) === (file.url === undefined), 'must define either `id` or `url`'),
);

export const imageFields: Record<string, Rule> = { image_url: url(3000), slack_file: slackFile };

export const needsOneImageSource = when(
  (image) => (image.image_url === undefined) === (image.slack_file === undefined),
  'must define either `image_url` or `slack_file`',
);

export const imageElement = all(
  shape({ required: { type: oneOf('image'), alt_text: string(2000) }, optional: imageFields }),
  needsOneImageSource,
);

export const confirm = shape({
  required: { title: plainText(100), text: anyText(300), confirm: plainText(30), deny: plainText(30) },
  optional: { style: oneOf('primary', 'danger') },
});

/** Typed as 75 in @slack/types, 150 in the documentation: the smaller one holds here. */
const OPTION_VALUE_MAX = 75;

export function option(more: Record<string, Rule> = {}, label: Rule = plainText(75)): Rule {
  return shape({
    required: { text: label, value: string(OPTION_VALUE_MAX) },
    optional: { description: plainText(75), ...more },
  });
}

export const richOption = shape({
  required: { text: anyText(75), value: string(OPTION_VALUE_MAX) },
  optional: { description: anyText(75) },
});

export const optionGroup = shape({ required: { label: plainText(75), options: listOf(option(), 100) } });
