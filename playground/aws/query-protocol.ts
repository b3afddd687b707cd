/** AWS's oldest wire format, still STS's: form fields in (`Tags.member.1.Key=a`), XML out. */
export type QueryValue = string | QueryValue[] | { [name: string]: QueryValue };

/** Form fields as nested values; `member.<n>` and bare numbers become lists. */
export function parseQuery(form: URLSearchParams): Record<string, QueryValue> {
  const root: Record<string, QueryValue> = {};
  for (const [path, value] of form) {
    const names = path.split('.').filter((name) => name !== 'member');
    let at = root;
    for (const name of names.slice(0, -1)) {
      const next = at[name];
      if (typeof next === 'object' && !Array.isArray(next)) at = next;
      else {
        const created: Record<string, QueryValue> = {};
        at[name] = created;
        at = created;
      }
    }
    at[names.at(-1) ?? path] = value;
  }
  return Object.fromEntries(Object.entries(root).map(([name, value]) => [name, listsInside(value)]));
}

export function toXml(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map((item) => `<member>${toXml(item)}</member>`).join('');
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object')
    return Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => `<${name}>${toXml(inner)}</${name}>`)
      .join('');
  return String(value).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function listsInside(value: QueryValue): QueryValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, listsInside(inner)] as const);
  if (entries.length > 0 && entries.every(([name]) => /^\d+$/.test(name)))
    return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => inner);
  return Object.fromEntries(entries);
}
