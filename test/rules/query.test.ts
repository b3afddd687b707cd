/** Which logs a query finds, construct by construct. */
import { describe, expect, it } from 'vitest';
import { compile, type LogEvent, matches, parseQuery } from '../../src/rules/query.ts';

function log(parts: Partial<LogEvent> = {}): LogEvent {
  return { message: '', tags: [], attributes: {}, ...parts };
}

function found(query: string, event: Partial<LogEvent>): boolean {
  return matches(parseQuery(query), log(event));
}

type Row = readonly [query: string, event: Partial<LogEvent>, matches: boolean];

function check(rows: readonly Row[]): void {
  it.each(rows)('%s on %j is %j', (query, event, expected) => {
    expect(found(query, event)).toBe(expected);
    const inside = query.trim() === '' ? '*' : query;
    expect(found(`-(${inside})`, event)).toBe(!expected);
    expect(found(`NOT (${inside})`, event)).toBe(!expected);
  });
}

const at = (attributes: Record<string, unknown>): Partial<LogEvent> => ({ attributes });
const says = (message: string): Partial<LogEvent> => ({ message });
const tagged = (...tags: string[]): Partial<LogEvent> => ({ tags });

describe('everything and nothing', () => {
  check([
    ['', says('x'), true],
    [' \t\n ', {}, true],
    ['*', {}, true],
    ['*:*', {}, true],
    ['-*', says('x'), false],
    ['NOT *:*', says('x'), false],
    ['+*', {}, true],
    ['a:(*:*)', {}, true],
    ['a:(NOT *:*)', tagged('a:1'), false],
  ]);
});

describe('free text', () => {
  check([
    ['hello', says('hello dolly'), true],
    ['hello', says('Hello dolly'), true],
    ['HELLO', says('say hello'), true],
    ['hello', says('hellos'), false],
    ['hello', says('othello'), false],
    ['hello', says('othello, hello!'), true],
    ['hello', at({ greeting: 'hello' }), false],
    ['match', says('match by word boundary'), true],
    ['match', says('another value'), false],
    ['"hello dolly"', says('well, Hello Dolly!'), true],
    ['"hello dolly"', says('hello, dolly'), false],
    ['hello dolly', says('well, hello dolly'), true],
    ['hello    dolly', says('well, hello dolly'), true],
    ['hello dolly', says('dolly says hello'), false],
    ['hello AND dolly', says('dolly says hello'), true],
    ['hello (dolly)', says('dolly says hello'), true],
    ['hello "dolly"', says('dolly says hello'), true],
    ['-hello dolly', says('dolly'), true],
    ['-hello dolly', says('hello'), false],
    ['hello -dolly', says('hello world'), true],
    ['"*test*"', says('the *test* passed'), true],
    ['"*test*"', says('the test passed'), false],
    ['message:hello', says('Hello dolly'), true],
    ['message:*', says('x'), true],
    ['message:*', says(''), false],
    ['message:(hello OR bye)', says('bye'), true],
    ['and', says('this and that'), true],
    ['監査', says('監査 の記録'), true],
    ['"Ünï"', says('x üNÏ y'), true],
    ['"ünï"', says('ünïx'), false],
    ['a_b', says('a_b'), true],
    ['a', says('a_b'), false],
  ]);
});

describe('wildcards in free text', () => {
  check([
    ['*tor', says('vector'), true],
    ['*tor', says('a vector here'), true],
    ['*tor', says('torvec'), false],
    ['vec*', says('vector'), true],
    ['vec*', says('a vector'), true],
    ['vec*', says('torvec2'), false],
    ['*NETWORK*', says('subnetworks'), true],
    ['foo*bar', says('foo\nbar'), true],
    ['foo*bar', says('foo\nbaz'), false],
    ['foo*bar', says('xfoo bar'), false],
    ['foo*bar', says('foo bars bar'), true],
    ['h?llo', says('a hallo b'), true],
    ['h?llo', says('hllo'), false],
    ['?', says('x'), true],
    ['?', says('xy'), false],
    ['a?b*', says('a😀bcd'), true],
  ]);
});

describe('full text over all attributes', () => {
  check([
    ['*:hello', at({ a: { b: ['x', 'Hello world'] } }), true],
    ['*:hello', says('hello'), true],
    ['*:hello', at({ a: 'hellos' }), false],
    ['*:hello*', at({ a: 'hello_world' }), true],
    ['*:"hello world"', at({ a: 'hello world' }), true],
    ['*:(hello OR 42)', at({ a: { n: 42 } }), true],
    ['*:prod', { host: 'prod' }, true],
    ['*:x', at({ x: 'y' }), false],
  ]);
});

describe('attributes', () => {
  check([
    ['@a:x', at({ a: 'x' }), true],
    ['@a:x', at({ a: 'X' }), false],
    ['@a:x', at({ a: 'x y' }), false],
    ['@a:x', tagged('a:x'), false],
    ['@a:x', at({}), false],
    ['@a: x', at({ a: 'x' }), true],
    ['@my_attribute:hello\\:world', at({ my_attribute: 'hello:world' }), true],
    ['@my_attribute:"hello:world"', at({ my_attribute: 'hello:world' }), true],
    ['@my_attribute:hello\\:world', at({ my_attribute: 'hello' }), false],
    ['@a:"x \\"y\\" \\\\"', at({ a: 'x "y" \\' }), true],
    ['@a:“x y”', at({ a: 'x y' }), true],
    ['@a:""', at({ a: '' }), true],
    ['@a.b.c:1', at({ a: { b: { c: 1 } } }), true],
    ['@a.b.c:1', at({ 'a.b.c': 1 }), true],
    ['@a.b.c:1', at({ a: { 'b.c': 1 } }), true],
    ['@a.b.c:1', at({ 'a.b': { c: 1 } }), true],
    ['@a.b:1', at({ a: 1 }), false],
    ['@a-b:3', at({ 'a-b': '3' }), true],
    ['@a\\ b:3', at({ 'a b': '3' }), true],
    [
      '@annotations.authorization.k8s.io/decision:allow',
      at({ annotations: { 'authorization.k8s.io/decision': 'allow' } }),
      true,
    ],
    ['@a:true', at({ a: true }), true],
    ['@a:1', at({ a: 1 }), true],
    ['@a:1', at({ a: '1' }), true],
    ['@a:1.0', at({ a: 1 }), true],
    ['@a:1.0', at({ a: '1' }), false],
    ['@a:""', at({ a: 0 }), false],
    ['@constructor.name:Object', at({}), false],
    ['@__proto__:*', at({}), false],
    ['#cost:[1 TO 5]', at({ '#cost': 3 }), true],
    ['#cost:3', at({}), false],
  ]);
});

describe('attributes that exist', () => {
  check([
    ['@a:*', at({ a: 'x' }), true],
    ['@a:*', at({ a: 0 }), true],
    ['@a:*', at({ a: false }), true],
    ['@a:*', at({ a: '' }), true],
    ['@a:*', at({ a: { b: 1 } }), true],
    ['@a:*', at({ a: {} }), false],
    ['@a:*', at({ a: [] }), false],
    ['@a:*', at({ a: null }), false],
    ['@a:**', at({}), false],
    ['@a.b:*', at({ a: [{ c: 1 }, { b: 1 }] }), true],
    ['_exists_:@a', at({ a: 'x' }), true],
    ['_exists_:"@a"', at({ a: 'x' }), true],
    ['_missing_:@a', at({ a: 'x' }), false],
    ['_missing_:@a', at({}), true],
    ['_exists_:(@a OR @b)', at({ b: 1 }), true],
    ['_exists_:a', tagged('a'), true],
    ['_exists_:a', tagged('a:1'), true],
    ['_exists_:a', tagged('ab:1'), false],
    ['_missing_:message', says(''), true],
  ]);
});

describe('arrays', () => {
  check([
    ['@names:Peter', at({ names: ['Paul', 'Peter'] }), true],
    ['@names:Mary', at({ names: ['Paul', 'Peter'] }), false],
    ['-@names:Peter', at({ names: ['Paul', 'Peter'] }), false],
    ['@names:(Paul Peter)', at({ names: ['Paul', 'Peter'] }), true],
    ['@names:(Paul Mary)', at({ names: ['Paul', 'Peter'] }), false],
    ['@e.Data.Name:ObjectServer', at({ e: { Data: [{ Name: 'X' }, { Name: 'ObjectServer' }] } }), true],
    ['@n:>5', at({ n: [1, 9] }), true],
    ['@n:[3 TO 5]', at({ n: [1, 9] }), false],
    ['@a:x', at({ a: [[['x']]] }), true],
  ]);
});

describe('wildcards in values', () => {
  check([
    ['@http.url:/api\\-v1/*', at({ http: { url: '/api-v1/x' } }), true],
    ['@http.url:/api\\-v1/*', at({ http: { url: '/api' } }), false],
    ['@a:*tor', at({ a: 'vector' }), true],
    ['@a:*tor', at({ a: 'vectors' }), false],
    ['@a:*ect*', at({ a: 'vector' }), true],
    ['@a:v*t*r', at({ a: 'vector' }), true],
    ['@a:v*t*x', at({ a: 'vector' }), false],
    ['@a:a*b*c', at({ a: 'abbbcxc' }), true],
    ['@a:hello?world', at({ a: 'hello world' }), true],
    ['@a:hello?world', at({ a: 'helloworld' }), false],
    ['@a:?', at({ a: '😀' }), true],
    ['@a:??', at({ a: '😀' }), false],
    ['@a:V*', at({ a: 'vector' }), false],
    ['@a:"vec*"', at({ a: 'vector' }), false],
    ['@a:"vec*"', at({ a: 'vec*' }), true],
    ['@a:vec\\*', at({ a: 'vector' }), false],
    ['@a:vec\\*', at({ a: 'vec*' }), true],
    ['@a:\\*vec*', at({ a: '*vector' }), true],
    ['@a:\\*vec*', at({ a: 'xvector' }), false],
    ['@a:line*', at({ a: 'line1\nline2' }), true],
    ['@a:2*', at({ a: 201 }), true],
    ['@a:x*', at({ a: { x: 1 } }), false],
    ['service:*mongo', { service: 'my-mongo' }, true],
    ['env:pr*', tagged('env:prod'), true],
    ['env:*od', tagged('env:prod'), true],
    ['env:*od', tagged('other:prod'), false],
  ]);
});

describe('numbers, comparisons and ranges', () => {
  check([
    ['@n:>=10', at({ n: 10 }), true],
    ['@n:>=10', at({ n: 11.5 }), true],
    ['@n:>=10', at({ n: 9 }), false],
    ['@n:>=10', at({}), false],
    ['@n:>100', at({ n: 100 }), false],
    ['@n:<100', at({ n: 9 }), true],
    ['@n:<=100', at({ n: 100 }), true],
    ['@n:> 100', at({ n: 101 }), true],
    ['@n:>-5', at({ n: -4 }), true],
    ['@n:<\\-5', at({ n: -6 }), true],
    ['@n:<4.12345E-4', at({ n: 0.0004 }), true],
    ['@n:>b', at({ n: 'c' }), true],
    ['@n:>"b b"', at({ n: 'b a' }), false],
    ['@n:>=10', at({ n: '9' }), true],
    ['@n:>b', at({ n: 5 }), false],
    ['@n:[400 TO 499]', at({ n: 400 }), true],
    ['@n:[400 TO 499]', at({ n: 499 }), true],
    ['@n:[400 TO 499]', at({ n: 500 }), false],
    ['@n:{400 TO 499}', at({ n: 400 }), false],
    ['@n:{400 TO 499}', at({ n: 450 }), true],
    ['@n:[* TO 5]', at({ n: -7 }), true],
    ['@n:[5 TO *]', at({ n: 4 }), false],
    ['@n:[* TO *]', at({ n: 'x' }), true],
    ['@n:[* TO *]', at({}), false],
    ['@n:[-5 TO -1]', at({ n: -3 }), true],
    ['@n:[7 TO 10]', at({ n: 6.9 }), false],
    ['@n:[7.0 TO 10.0]', at({ n: 7 }), true],
    ['@t:[2022-01-01T00:00:00Z TO 2022-12-31]', at({ t: '2022-06-01' }), true],
    ['@n:["1" TO "60"]', at({ n: '7' }), false],
    ['@n:[\\* TO 5]', at({ n: '+' }), true],
    ['@n:(>5 <10)', at({ n: 7 }), true],
    ['@n:(>5 <10)', at({ n: 11 }), false],
    ['b:[x TO z]', tagged('a:w', 'b:y'), true],
    ['a:[4 TO *]', tagged('a:400'), true],
    ['a:[50 TO *]', tagged('a:400'), false],
    ['a:<5', tagged('a'), false],
    ['timestamp:>1649770439000', { timestamp: 1649770439001 }, true],
  ]);
});

describe('tags and reserved fields', () => {
  check([
    ['env:prod', tagged('env:prod'), true],
    ['env:prod', tagged('env:production'), false],
    ['env:prod', at({ env: 'prod' }), false],
    ['image:repo/name\\:1', tagged('image:repo/name:1'), true],
    ['datadog.cloud_siem:true', tagged('datadog.cloud_siem:true'), true],
    ['tags:bare', tagged('bare'), true],
    ['tags:bare', tagged('bare:1'), false],
    ['tags:"env:prod"', tagged('env:prod'), true],
    ['tags:*', tagged(), false],
    ['tags:b*', tagged('bare'), true],
    ['a:""', tagged('a:'), true],
    ['a:""', tagged('a'), false],
    ['source:kubernetes.audit', { source: 'kubernetes.audit' }, true],
    ['source:kubernetes.audit', tagged('source:kubernetes.audit'), true],
    ['source:kubernetes.audit', { source: 'kubernetes' }, false],
    ['host:"/aws/eks/prod/cluster"', { host: '/aws/eks/prod/cluster' }, true],
    ['host:/aws/eks/prod/cluster', { host: '/aws/eks/prod/cluster' }, true],
    ['status:(error OR warn)', { status: 'warn' }, true],
    ['trace_id:123', { traceId: '123' }, true],
    ['-service:*', {}, true],
    ['-service:*', { service: 'cloudwatch' }, false],
  ]);
});

describe('operators, modifiers and groups', () => {
  const three = (a: number, b: number, c: number): Partial<LogEvent> => tagged(`a:${a}`, `b:${b}`, `c:${c}`);
  check([
    ['a:1 OR b:2 c:3', three(1, 0, 0), true],
    ['a:1 OR b:2 c:3', three(0, 2, 3), true],
    ['a:1 OR b:2 c:3', three(0, 2, 0), false],
    ['a:1 || b:2 && c:3', three(1, 0, 0), true],
    ['a:1||b:2&&c:3', three(0, 2, 0), false],
    ['(a:1 OR b:2) c:3', three(1, 0, 0), false],
    ['(a:1 OR b:2)c:3', three(1, 0, 3), true],
    ['a:1 AND -b:2', three(1, 0, 0), true],
    ['a:1 NOT b:2', three(1, 2, 0), false],
    ['a:1 - b:2', three(1, 2, 0), false],
    ['+a:1 +b:2', three(1, 2, 0), true],
    ['NOT a:1 b:2', three(0, 2, 0), true],
    ['NOT a:1 OR b:2', three(1, 2, 0), true],
    ['NOT(a:1 OR b:2)', three(0, 2, 0), false],
    ['-(a:1 b:2)', three(1, 0, 0), true],
    ['-(-a:1)', three(1, 0, 0), true],
    ['env:(prod OR staging) -service:web', tagged('env:prod'), true],
    ['env:(prod OR staging) -service:web', { ...tagged('env:prod'), service: 'web' }, false],
    ['a:(1 OR 2 OR -3)', three(4, 0, 0), true],
    ['a:(1 OR 2 OR -3)', three(3, 0, 0), false],
    ['a:(1 OR (b:2 c:3))', three(0, 2, 3), true],
    ['a:(NOT 1)', three(1, 0, 0), false],
    ['@a:x y', { ...at({ a: 'x' }), message: 'why y' }, true],
    ['@a:x y', { ...at({ a: 'x' }), message: 'n' }, false],
    ['ORDER:1', tagged('ORDER:1'), true],
    ['ANDROID', says('an android'), true],
    ['\\AND', says('this and that'), true],
    ['"OR"', says('either or'), true],
  ]);
});

describe('addresses', () => {
  const from = (...ips: string[]): Partial<LogEvent> => at({ network: { client: { ip: ips } } });
  check([
    ['CIDR(@network.client.ip,13.0.0.0/8)', from('13.1.2.3'), true],
    ['CIDR(@network.client.ip,13.0.0.0/8)', from('14.1.2.3'), false],
    ['CIDR(@network.client.ip, 13.0.0.0/8, 15.0.0.0/8)', from('15.255.0.1'), true],
    ['CIDR( @network.client.ip , 13.0.0.0/8 )', from('1.1.1.1', '13.0.0.1'), true],
    ['NOT(CIDR(@network.client.ip,13.0.0.0/8))', from('13.1.2.3'), false],
    ['-CIDR(@network.client.ip,13.0.0.0/8)', {}, true],
    ['source:vpc CIDR(@network.client.ip,10.0.0.0/9)', { ...from('10.127.0.1'), source: 'vpc' }, true],
    ['CIDR(@network.client.ip,10.0.0.0/9)', from('10.128.0.1'), false],
    ['CIDR(@network.client.ip,10.1.2.3/32)', from('10.1.2.3'), true],
    ['CIDR(@network.client.ip,0.0.0.0/0)', from('::1'), false],
    ['CIDR(@network.client.ip,2001:db8::/33)', from('2001:db8:7fff::1'), true],
    ['CIDR(@network.client.ip,2001:db8::/33)', from('2001:db8:8000::1'), false],
    ['CIDR(@network.client.ip,::/0)', from('fe80::1'), true],
    ['CIDR(@network.client.ip,10.0.0.0/8)', from('::ffff:10.0.0.1'), true],
    ['CIDR(@network.client.ip,::ffff:10.0.0.0/104)', from('10.9.9.9'), true],
    ['CIDR(@network.client.ip,10.0.0.0/8)', from('10.0.0.1:443', 'no address', ''), false],
    ['CIDR(ip,10.0.0.0/8)', tagged('ip:10.2.2.2'), true],
  ]);
});

describe('the queries that EKS audit rules are made of', () => {
  const exec = (code: number, method = 'create'): Partial<LogEvent> => ({
    source: 'kubernetes.audit',
    attributes: { objectRef: { resource: 'pods', subresource: 'exec' }, http: { method, status_code: code } },
  });
  const query =
    'source:kubernetes.audit @objectRef.resource:pods @objectRef.subresource:exec @http.method:create @http.status_code:[101 TO 299]';
  const people = '-@usr.id:(system\\:serviceaccount\\:*\\:datadog* OR eks\\:authenticator)';
  check([
    [query, exec(101), true],
    [query, exec(200), true],
    [query, exec(403), false],
    [query, exec(101, 'get'), false],
    [query.replace('create', '(create OR get)'), exec(101, 'get'), true],
    [people, at({ usr: { id: 'alice' } }), true],
    [people, at({}), true],
    [people, at({ usr: { id: 'eks:authenticator' } }), false],
    [people, at({ usr: { id: 'system:serviceaccount:mon:datadog-agent' } }), false],
    [
      '@aws.awslogs.logGroup:"/aws/eks/prod/cluster" @aws.awslogs.owner:111122223333',
      at({ aws: { awslogs: { logGroup: '/aws/eks/prod/cluster', owner: '111122223333' } } }),
      true,
    ],
  ]);
});

it('gives the same answer compiled once for many logs', () => {
  const test = compile(parseQuery('@n:>5'));
  expect([1, 6, 9, 3].map((n) => test(log({ attributes: { n } })))).toEqual([false, true, true, false]);
});

it('stops at the depth that hostile logs reach beyond', () => {
  let deep: unknown = 'x';
  for (let i = 0; i < 50_000; i++) deep = [deep];
  expect(found('@a:x', at({ a: deep }))).toBe(false);
  expect(found('*:x', at({ a: deep }))).toBe(false);
});
