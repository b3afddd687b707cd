/**
 * Errors that services answer without declaring them for the operation. Each needs a public source, else the
 * stand-in could make up errors that no AWS service sends.
 */
export interface CommonError {
  /** The names of the models' files, or all services. */
  services: readonly string[] | 'all';
  statuses: readonly number[];
  source: string;
}

const COMMON = 'docs.aws.amazon.com/lambda/latest/api/CommonErrors.html';
const QUERY_COMMON = 'docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html';
const JSON_SERVICES = ['eks', 'lambda', 'logs'];
const QUERY_SERVICES = ['sts', 'cloudwatch'];

export const COMMON_ERRORS: Readonly<Record<string, CommonError>> = {
  // REST services say 403, CloudWatch Logs puts every error but its own faults under 400.
  AccessDeniedException: { services: JSON_SERVICES, statuses: [400, 403], source: COMMON },
  AccessDenied: {
    services: QUERY_SERVICES,
    statuses: [403],
    source: 'github.com/nccgroup/aws-inventory/issues/34, github.com/amzn/selling-partner-api-models/issues/891',
  },
  UnrecognizedClientException: { services: JSON_SERVICES, statuses: [400, 403], source: COMMON },
  InvalidClientTokenId: {
    services: QUERY_SERVICES,
    statuses: [403],
    source: 'github.com/prowler-cloud/prowler/issues/2458, boto/botocore/issues/1866',
  },
  ExpiredTokenException: { services: JSON_SERVICES, statuses: [400, 403], source: COMMON },
  ExpiredToken: {
    services: QUERY_SERVICES,
    statuses: [403],
    source:
      'github.com/boto/boto3/issues/1431, pulumi/pulumi-aws/issues/2560, sj26/sidekiq-cloudwatchmetrics/issues/48',
  },
  UnknownOperationException: { services: 'all', statuses: [400, 404], source: COMMON },
  InternalFailure: { services: 'all', statuses: [500], source: COMMON },
  ServiceUnavailable: { services: 'all', statuses: [503], source: COMMON },
  ThrottlingException: { services: JSON_SERVICES, statuses: [400, 429], source: COMMON },
  // github.com/awslabs/amazon-eks-ami pull 218 shows EKS throttling under Lambda's name.
  TooManyRequestsException: {
    services: ['eks'],
    statuses: [429],
    source: 'github.com/awslabs/amazon-eks-ami/pull/218',
  },
  Throttling: {
    services: QUERY_SERVICES,
    statuses: [400],
    source: 'docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html',
  },
  ValidationError: { services: QUERY_SERVICES, statuses: [400], source: QUERY_COMMON },
  MissingParameter: {
    services: ['cloudwatch'],
    statuses: [400],
    source: 'docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html',
  },
  // CloudWatch Logs on groups of the Infrequent Access class: github.com/turbot/steampipe-plugin-aws issue 2758.
  // Lambda on values outside its model: github.com/localstack/localstack tests/aws/services/lambda_, recorded on AWS.
  ValidationException: {
    services: ['logs', 'lambda'],
    statuses: [400],
    source: 'github.com/turbot/steampipe-plugin-aws/issues/2758, github.com/localstack/localstack lambda snapshots',
  },
};

export function commonError(service: string, code: string): CommonError | undefined {
  const found = COMMON_ERRORS[code];
  return found && (found.services === 'all' || found.services.includes(service)) ? found : undefined;
}
