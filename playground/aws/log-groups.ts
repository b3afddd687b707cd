/** The CloudWatch Logs API for log groups, their retention and their streams. */
import type { LogGroup, LogGroupClass, LogStream } from './log-group.ts';
import { abortIfColliding, badToken, existingGroup, groupResource, limitOf, logGroupName } from './logs.ts';
import type { Operations } from './operation.ts';
import { constraintFault, optionalNumber, optionalText, page } from './operation.ts';
import { AwsFault } from './wire.ts';

/** docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logGroupOperations: Operations = {
  DescribeLogGroups: {
    action: 'logs:DescribeLogGroups',
    resource: groupResource,
    run({ region, input }) {
      const prefix = optionalText(input, 'logGroupNamePrefix');
      const pattern = optionalText(input, 'logGroupNamePattern');
      if (prefix !== undefined && pattern !== undefined)
        throw new AwsFault(
          'InvalidParameterException',
          'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
        );
      const groups = [...region.logGroups.values()]
        .filter((group) => group.name.startsWith(prefix ?? ''))
        .filter((group) => group.name.toLowerCase().includes((pattern ?? '').toLowerCase()))
        .filter((group) => input.logGroupClass === undefined || group.class === input.logGroupClass)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, next } = page(groups, limitOf(input, 50, 50), input.nextToken, badToken());
      return { logGroups: items.map(wireGroup), nextToken: next };
    },
  },

  CreateLogGroup: {
    writes: true,
    action: 'logs:CreateLogGroup',
    resource: groupResource,
    run({ aws, region, input }) {
      const name = logGroupName(input);
      if (region.logGroups.has(name))
        throw new AwsFault('ResourceAlreadyExistsException', 'The specified log group already exists');
      aws.addLogGroup({
        account: region.account,
        region: region.region,
        name,
        class: (input.logGroupClass as LogGroupClass | undefined) ?? 'STANDARD',
        tags: (input.tags as Record<string, string> | undefined) ?? {},
      });
    },
  },

  PutRetentionPolicy: {
    writes: true,
    action: 'logs:PutRetentionPolicy',
    resource: groupResource,
    run(request) {
      const days = optionalNumber(request.input, 'retentionInDays');
      if (days === undefined || !RETENTION_DAYS.includes(days))
        throw constraintFault(
          'InvalidParameterException',
          'retentionInDays',
          days === undefined ? undefined : String(days),
          `Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`,
        );
      const group = existingGroup(request);
      abortIfColliding(group);
      group.retentionInDays = days;
    },
  },

  DeleteRetentionPolicy: {
    writes: true,
    action: 'logs:DeleteRetentionPolicy',
    resource: groupResource,
    run(request) {
      const group = existingGroup(request);
      abortIfColliding(group);
      group.retentionInDays = undefined;
    },
  },

  DescribeLogStreams: {
    action: 'logs:DescribeLogStreams',
    resource: groupResource,
    run(request) {
      const { input } = request;
      const group = existingGroup(request);
      const prefix = optionalText(input, 'logStreamNamePrefix');
      const byTime = input.orderBy === 'LastEventTime';
      if (byTime && prefix !== undefined)
        throw new AwsFault('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');
      const streams = [...group.streams.values()]
        .filter((stream) => stream.name.startsWith(prefix ?? ''))
        .sort((a, b) =>
          byTime ? (a.shown?.lastEventMs ?? 0) - (b.shown?.lastEventMs ?? 0) : a.name < b.name ? -1 : 1,
        );
      if (input.descending === true) streams.reverse();
      const { items, next } = page(streams, limitOf(input, 50, 50), input.nextToken, badToken());
      return { logStreams: items.map((stream) => wireStream(group, stream)), nextToken: next };
    },
  },
};

function wireGroup(group: LogGroup): Record<string, unknown> {
  return {
    logGroupName: group.name,
    creationTime: group.createdAtMs,
    retentionInDays: group.retentionInDays,
    metricFilterCount: 0,
    arn: `${group.arn}:*`,
    storedBytes: group.storedBytes,
    logGroupClass: group.class,
    logGroupArn: group.arn,
    deletionProtectionEnabled: false,
  };
}

function wireStream(group: LogGroup, stream: LogStream): Record<string, unknown> {
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAtMs,
    firstEventTimestamp: stream.firstEventMs,
    lastEventTimestamp: stream.shown?.lastEventMs,
    lastIngestionTime: stream.shown?.lastIngestionMs,
    uploadSequenceToken: '49039859618041862529361174014184520434',
    arn: `${group.arn}:log-stream:${stream.name}`,
    // Deprecated by AWS in 2019 and zero ever since.
    storedBytes: 0,
  };
}
