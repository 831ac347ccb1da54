import type { Subject, Usage } from '../subjects/start.ts';

const SAMPLING_INTERVAL = 100;
export const MEGABYTE = 1_000_000;

/** Watches the memory until it is told to end, and gives the most that was resident, in bytes. */
export function sampleMemory(subject: Subject) {
  let most = 0;
  let isEnding = false;
  const watch = async () => {
    while (!isEnding) {
      const { residentBytes }: Usage = await subject.usage();
      most = Math.max(most, residentBytes);
      await new Promise((resolve) => setTimeout(resolve, SAMPLING_INTERVAL));
    }
    return most;
  };
  const watching = watch();
  return {
    end: () => {
      isEnding = true;
      return watching;
    },
  };
}
