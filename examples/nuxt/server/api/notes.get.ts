import { admitted } from 'latchkey/nuxt';
import { notesOf } from '../notes';

export default defineEventHandler((event) => notesOf(admitted(event.context).user.id));
