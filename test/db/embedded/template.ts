/** Where the embedded databases that tests copy are kept during the run; set up by vitest.config.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    engine: 'embedded' | 'postgres';
    /** A folder that is removed after the run. */
    embeddedTemplates: string;
  }
}

export function setup(project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'eks-audit-template-'));
  project.provide('embeddedTemplates', dir);
  return () => rmSync(dir, { recursive: true, force: true });
}
