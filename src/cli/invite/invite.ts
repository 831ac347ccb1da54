import type { Family } from '../command.ts';
import { create } from './create.ts';
import { list } from './list.ts';
import { revoke } from './revoke.ts';

export const invite: Family = {
  name: 'invite',
  summary: 'Invite people to make an account, list the invitations, or take one back.',
  members: [create, list, revoke],
};
