import { admit } from '../../auth';

export default async function Danger() {
  await admit({ next: '/danger', fresh: true });
  return <p>Here you may delete all notes.</p>;
}
