import { z } from 'zod';
import { givenAs, optionalSetting, refuse } from '../../platform/settings/index.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
/** What an event about all of them can contain. */
const MOST_CHARACTERS = 600;

/** Names of roles, separated by commas. */
const roleNames: z.ZodType<readonly string[], string> = z.string().transform((text, context) => {
  const names = rolesFrom(text);
  const strange = names.find((name) => !NAME.test(name));
  if (strange !== undefined || names.length === 0)
    return refuse(context, 'is no list of roles; give names of letters, digits and ._:- separated by commas');
  if (names.join(' ').length > MOST_CHARACTERS)
    return refuse(context, `is too long; give at most ${MOST_CHARACTERS} characters`);
  return names;
});

/** Role names separated by commas, each once. */
export function rolesFrom(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

export const roleList = givenAs({ list: 'commas' }, roleNames);

export const rolesSettings = {
  roles: optionalSetting({
    name: 'ROLES',
    meaning:
      'The roles that accounts can have, separated by commas, such as `admin,editor`. Sessions then have the roles of their account and of their identity provider, and no role that is not listed.',
    fallbackMeaning: 'none; sessions have the roles of their identity provider',
    neverEmpty: true,
    schema: roleList,
  }),
};
