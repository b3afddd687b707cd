/**
 * Who calls which service of which region: the credential scope that every signed AWS request names in its
 * Authorization header. The signature itself is not verified, the scope is what the stand-in needs.
 */
export interface CredentialScope {
  accessKeyId: string;
  region: string;
  /** The signing name: eks, logs, lambda, sts, monitoring. */
  service: string;
  sessionToken?: string;
}

const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=([^/\s,]+)\/\d{8}\/([^/\s,]+)\/([^/\s,]+)\/aws4_request,/;

export function credentialScope(headers: Record<string, string>): CredentialScope | undefined {
  const match = CREDENTIAL.exec(headers.authorization ?? '');
  if (!match) return undefined;
  const [, accessKeyId, region, service] = match as unknown as [string, string, string, string];
  const sessionToken = headers['x-amz-security-token'];
  return { accessKeyId, region, service, ...(sessionToken ? { sessionToken } : {}) };
}
