/**
 * Datadog's client loads a file for each of its 7,000 models when it starts, half a second of computing, and the bot
 * starts some hundred times here: each model is loaded when it is first used instead. Nothing else is different.
 */
import module from 'node:module';

type Load = (request: string, parent: { filename?: string | null } | undefined, isMain: boolean) => unknown;
type Exports = Record<string, new (...args: unknown[]) => object>;

/** Every model is required by this file alone, and kept there by name. */
const TABLE = /datadog-api-client-v\d\/models\/ObjectSerializer\.js$/;

export function loadModelsLazily(): void {
  const loader = module as unknown as { _load: Load };
  const load = loader._load;
  loader._load = (request, parent, isMain) => {
    if (!request.startsWith('./') || !TABLE.test(parent?.filename ?? '')) return load(request, parent, isMain);
    let loaded: Exports | undefined;
    const model = (name: string) => {
      loaded ??= load(request, parent, isMain) as Exports;
      return loaded[name] as Exports[string];
    };
    return new Proxy({}, { get: (_, name) => standIn(() => model(String(name))) });
  };
}

/** Looks and constructs like the class, which is loaded by doing either. */
function standIn(real: () => Exports[string]): object {
  return new Proxy(class {}, {
    get: (_, property) => Reflect.get(real(), property),
    construct: (_, args: unknown[]) => new (real())(...args),
  });
}
