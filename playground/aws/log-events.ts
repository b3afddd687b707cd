/** The CloudWatch Logs API for events: reading them back, trying a pattern, writing lines of one's own. */
import type { Matcher } from './filter-pattern.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { InvalidPattern } from './filter-pattern-parser.ts';
import type { LogEvent } from './log-group.ts';
import { badToken, existingGroup, groupResource, limitOf, requiredText } from './logs.ts';
import type { Operations } from './operation.ts';
import { optionalNumber, optionalText, page } from './operation.ts';
import { AwsFault } from './wire.ts';

export const logEventOperations: Operations = {
  FilterLogEvents: {
    action: 'logs:FilterLogEvents',
    resource: groupResource,
    run(request) {
      const { input } = request;
      const group = existingGroup(request);
      const names = Array.isArray(input.logStreamNames) ? (input.logStreamNames as string[]) : undefined;
      const prefix = optionalText(input, 'logStreamNamePrefix');
      if (names && prefix !== undefined)
        throw new AwsFault(
          'InvalidParameterException',
          'Log stream name prefix and log stream names are mutually exclusive parameters.',
        );
      const limit = limitOf(input, 10_000, 10_000);
      if (group.emptyPages > 0) {
        // A page without events says nothing while it carries a token: the search has not reached the end.
        group.emptyPages -= 1;
        const nextToken = optionalText(input, 'nextToken') ?? Buffer.from('from:0').toString('base64url');
        return { events: [], searchedLogStreams: [], nextToken };
      }
      const matches = compiled(optionalText(input, 'filterPattern') ?? '');
      const from = optionalNumber(input, 'startTime') ?? 0;
      const to = optionalNumber(input, 'endTime') ?? Number.POSITIVE_INFINITY;
      const events = group.events.filter(
        (event) =>
          (names?.includes(event.stream) ?? true) &&
          event.stream.startsWith(prefix ?? '') &&
          event.timestamp >= from &&
          event.timestamp <= to &&
          matches(event.message),
      );
      const { items, next } = page(events, limit, input.nextToken, badToken());
      return { events: items.map(wireEvent), searchedLogStreams: [], nextToken: next };
    },
  },

  TestMetricFilter: {
    action: 'logs:TestMetricFilter',
    resource: () => '*',
    run({ input }) {
      const matches = compiled(requiredText(input, 'filterPattern'));
      const messages = Array.isArray(input.logEventMessages) ? (input.logEventMessages as string[]) : [];
      return {
        matches: messages.flatMap((eventMessage, index) =>
          matches(eventMessage) ? [{ eventNumber: index + 1, eventMessage, extractedValues: {} }] : [],
        ),
      };
    },
  },

  PutLogEvents: {
    writes: true,
    action: 'logs:PutLogEvents',
    resource: groupResource,
    run(request) {
      const group = existingGroup(request);
      const stream = requiredText(request.input, 'logStreamName');
      if (!group.streams.has(stream))
        throw new AwsFault('ResourceNotFoundException', 'The specified log stream does not exist.');
      const lines = Array.isArray(request.input.logEvents) ? request.input.logEvents : [];
      request.aws.delivery.ingest(group, stream, lines as { timestamp: number; message: string }[]);
      return { nextSequenceToken: '49039859618041862529361174014184520434' };
    },
  },
};

export function compiled(pattern: string): Matcher {
  try {
    return compileFilterPattern(pattern);
  } catch (error) {
    if (error instanceof InvalidPattern || error instanceof SyntaxError)
      throw new AwsFault('InvalidParameterException', 'Invalid filter pattern');
    throw error;
  }
}

function wireEvent(event: LogEvent): Record<string, unknown> {
  const { id, stream, timestamp, ingestionTime, message } = event;
  return { eventId: id, logStreamName: stream, timestamp, ingestionTime, message };
}
