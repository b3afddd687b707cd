/** A CronJob every ten minutes: its Job, the Job's pod, and the tidying up of the runs before. */
import { controller } from './actors.ts';
import { inTurn, MINUTE, type Moment, SECOND } from './moments.ts';
import { tail } from './naming.ts';
import { applicationSpec } from './objects.ts';
import { podEnds, podStarts } from './pods.ts';
import { request } from './request.ts';
import { type Scene, settledNode } from './scene.ts';

const NAME = 'invoice-export';
const IMAGE = '111122223333.dkr.ecr.us-east-1.amazonaws.com/batch/invoice-export:3.2.1';
const JOBS = '/apis/batch/v1/namespaces/batch/jobs';

export function batch(scene: Scene): Moment[] {
  return [0, 10, 20, 30, 40, 50].flatMap((minute, index) => run(scene, minute * MINUTE + 2 * SECOND, index));
}

function run(scene: Scene, at: number, index: number): Moment[] {
  const minutes = Date.parse(`${scene.hour}:00:00Z`) / MINUTE + index * 10;
  const job = `${NAME}-${minutes}`;
  const pod = `${job}-${tail(job)}`;
  const node = settledNode(scene, index);
  const spec = applicationSpec(NAME, IMAGE);
  const body = {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: {
      name: job,
      namespace: 'batch',
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: NAME }],
    },
    spec: { ttlSecondsAfterFinished: 1200, template: { spec: { ...spec, restartPolicy: 'Never' } } },
  };
  const schedule = (after: number) =>
    request(controller('cronjob-controller', at), 'update', `/apis/batch/v1/namespaces/batch/cronjobs/${NAME}/status`, {
      body: {
        kind: 'CronJob',
        apiVersion: 'batch/v1',
        metadata: { name: NAME, namespace: 'batch' },
        status: { lastScheduleTime: after },
      },
    });
  const status = request(controller('job-controller', at), 'update', `${JOBS}/${job}/status`, { body });
  const before = `${NAME}-${minutes - 20}`;
  return [
    ...inTurn(at, [request(controller('cronjob-controller', at), 'create', JOBS, { body }), schedule(at), status]),
    ...podStarts(at + SECOND, {
      owner: { kind: 'Job', name: job, namespace: 'batch' },
      spec,
      pod,
      node,
      account: NAME,
      secrets: [`${NAME}-database`],
    }),
    ...inTurn(at + 80 * SECOND, [status, schedule(at)]),
    // Removed twenty minutes after it finished; its pod goes with it.
    ...inTurn(at + 85 * SECOND, [
      request(controller('ttl-after-finished-controller', at), 'delete', `${JOBS}/${before}`, {
        body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Foreground' },
      }),
      request(controller('generic-garbage-collector', at), 'get', `${JOBS}/${before}`),
      request(
        controller('generic-garbage-collector', at),
        'delete',
        `/api/v1/namespaces/batch/pods/${before}-${tail(before)}`,
        {
          body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' },
        },
      ),
      request(controller('generic-garbage-collector', at), 'patch', `${JOBS}/${before}`, {
        body: { metadata: { finalizers: null } },
      }),
    ]),
    ...podEnds(at + 86 * SECOND, 'batch', `${before}-${tail(before)}`, settledNode(scene, index + 2)),
  ];
}
