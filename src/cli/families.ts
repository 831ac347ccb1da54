import type { Command, Family } from '../platform/command-line/index.ts';

/**
 * Adds verbs such as `user reset-link` to the family that their names begin with.
 * @throws {Error} when there is no such family
 */
export function joinFamilies(all: readonly (Command | Family)[]): readonly (Command | Family)[] {
  const families = all.filter(isFamily);
  const members = all.filter((verb): verb is Command => !isFamily(verb) && verb.name.includes(' '));
  for (const { name } of members) {
    const [family] = name.split(' ');
    if (families.some((one) => one.name === family)) continue;
    throw new Error(`the verb “${name}” has no family “${family}”; declare { name, summary, members }`);
  }
  return all
    .filter(({ name }) => !name.includes(' '))
    .map((verb) => {
      if (!isFamily(verb)) return verb;
      const added = members.filter(({ name }) => name.startsWith(`${verb.name} `));
      return { ...verb, members: [...verb.members, ...added] };
    });
}

export function isFamily(verb: Command | Family): verb is Family {
  return 'members' in verb;
}
