/**
 * The embedded database that every test copies, set up by vitest.config.ts. A process of its own makes it, while those
 * tests run that need none.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    engine: 'embedded' | 'postgres';
    /** A data directory that is there soon, and removed after the run. */
    embeddedTemplate: string;
  }
}

export function setup(project: TestProject): () => Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-template-'));
  const template = join(dir, 'template');
  project.provide('embeddedTemplate', template);
  const script = fileURLToPath(new URL('./template-process.ts', import.meta.url));
  const making = spawn(process.execPath, [script, template], { stdio: ['ignore', 'inherit', 'inherit'] });
  return async () => {
    if (making.exitCode === null && making.signalCode === null) {
      making.kill('SIGKILL');
      await once(making, 'exit');
    }
    rmSync(dir, { recursive: true, force: true });
  };
}
