import type { Family } from '../command.ts';
import { deleteUser } from './delete.ts';
import { disable } from './disable.ts';
import { enable } from './enable.ts';
import { list } from './list.ts';
import { resetLink } from './reset-link.ts';
import { show } from './show.ts';
import { signOut } from './sign-out.ts';

export const user: Family = {
  name: 'user',
  summary:
    'List and show people; disable, enable, delete or sign out one of them, or have one choose a new password.',
  members: [list, show, disable, enable, deleteUser, signOut, resetLink],
};
