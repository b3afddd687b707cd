/** Filter patterns as CloudWatch Logs reads them. */
import { expect, test } from 'vitest';
import { execIntoPod } from '../../playground/aws/audit-actions.ts';
import { completeEvent } from '../../playground/aws/audit-event.ts';
import { compileFilterPattern } from '../../playground/aws/filter-pattern.ts';

const EXEC = JSON.stringify(completeEvent(execIntoPod(), 1_763_790_000_000));
const KLOG = 'I1120 09:14:02.118000      10 controller.go:615] quota admission added evaluator for: pods';

test.each([
  ['', true],
  ['{ ($.kind = "Event") && ($.apiVersion = "audit.k8s.io/v1") }', true],
  ['{$.kind="Event"&&$.apiVersion="audit.k8s.io/*"}', true],
  ['{ ($.kind = "Event") && ($.verb != "get") }', false],
  ['{ $.verb != "watch" }', true],
  ['{ $.verb = "watch" || ($.verb = "get" && $.objectRef.subresource = "exec") }', true],
  ['{ $.verb = "get" && ($.verb = "list" || $.verb = "watch") }', false],
  ['{ $.requestURI != "/healthz*" }', true],
  ['{ $.user.username = "*assumed-role*" }', true],
  ['{ $.user.groups[0] = "system:authenticated" }', true],
  ['{ $.user.groups[1] = "system:masters" }', false],
  ['{ $.user.groups[*] = "system:authenticated" }', true],
  ['{ $.responseStatus.code = 101 }', true],
  ['{ $.responseStatus.code = 1* }', true],
  ['{ $.responseStatus.code >= 400 }', false],
  ['{ $.responseStatus.code < 200 }', true],
  ['{ $.responseStatus.reason NOT EXISTS }', true],
  ['{ $.responseStatus.code IS NULL }', false],
  ['{ $.verb = %^(get|list)$% }', true],
  ['{ $.nothing = "x" }', false],
  ['{ $.annotations.[\'authorization.k8s.io/decision\'] = "allow" }', true],
  ['exec', true],
  ['exec -kubectl', false],
  ['"tty=true" payments', true],
  ['?nowhere ?exec', true],
  ['?nowhere ?never', false],
])('%s matches an exec event: %s', (pattern, expected) => {
  expect(compileFilterPattern(pattern)(EXEC)).toBe(expected);
});

test('JSON patterns never match lines that are not JSON, nor truncated events', () => {
  const any = compileFilterPattern('{ $.kind = "*" }');
  expect([EXEC, KLOG, EXEC.slice(0, 200), '[1]', '{}'].map(any)).toEqual([true, false, false, false, false]);
});

test.each([
  '{ $.kind = "Event"',
  '{ kind = "Event" }',
  '{ $.a = }',
  '{ $.a > "x" }',
  '{ $.a = 1 } more',
  '[ip, user]',
  '{ $.a = %x% && $.b = %y% && $.c = %z% }',
])('%s is refused', (pattern) => {
  expect(() => compileFilterPattern(pattern)).toThrow();
});
