/** How the ARNs of the stand-in's resources are built and taken apart. */
export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  /** Everything after the fifth colon, colons included. */
  resource: string;
}

export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

export function arn(service: string, region: string, account: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}

export function parseArn(text: string): Arn | undefined {
  const [prefix, partition, service, region, account, ...resource] = text.split(':');
  if (prefix !== 'arn' || !partition || !service || region === undefined || account === undefined || !resource.length)
    return undefined;
  return { partition, service, region, account, resource: resource.join(':') };
}

export function roleArn(region: string, account: string, name: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:role/${name}`;
}

export function clusterArn(region: string, account: string, name: string): string {
  return arn('eks', region, account, `cluster/${name}`);
}

/** Without the trailing `:*`, which CloudWatch Logs adds in some places. */
export function logGroupArn(region: string, account: string, name: string): string {
  return arn('logs', region, account, `log-group:${name}`);
}

export function functionArn(region: string, account: string, name: string): string {
  return arn('lambda', region, account, `function:${name}`);
}
