/**
 * Datadog's API client loads a file for each of its 7,000 models before its first call, and keeps them: half a second
 * of computing and a good part of the bot's memory for the hundred models it uses. The one file that names them all is
 * changed while it is loaded, so that each model is loaded when it is first looked up.
 */
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const TABLE = /datadog-api-client-v\d\/models\/ObjectSerializer\.js$/;

/** From now on, for this thread. */
export function loadModelsLazily(): void {
  module.registerHooks({
    load(url, context, nextLoad) {
      if (!TABLE.test(url)) return nextLoad(url, context);
      const source = withLazyModels(readFileSync(fileURLToPath(url), 'utf8'));
      return { format: 'commonjs', shortCircuit: true, source };
    },
  });
}

/** A table it does not recognise stays as it is, and its models are loaded at once. */
export function withLazyModels(source: string): string {
  const eager = /^const (\w+)_1 = require\("\.\/\1"\);\n/gm;
  const entry = /^ {4}(\w+): \1_1\.\1,$/gm;
  if (source.match(eager)?.length !== source.match(entry)?.length) return source;
  return source.replace(eager, '').replace(entry, '    get $1() { return require("./$1").$1; },');
}
