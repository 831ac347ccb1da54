import { defineWords } from '../../platform/words/index.ts';

export const eventWords = defineWords({ rolesChanged: 'Roles changed by the operator' });
