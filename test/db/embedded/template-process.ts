/** Makes the template named on its command line, which appears there in one step. */
import { renameSync } from 'node:fs';
import { makeTemplate } from './make-template.ts';

const [dir] = process.argv.slice(2);
if (!dir) throw new Error('where shall the template be?');
renameSync(await makeTemplate(`${dir}-making`), dir);
