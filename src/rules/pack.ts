/** A placeholder type until the pack lands. */
export interface RulePack {
  rules: { id: string }[];
}
