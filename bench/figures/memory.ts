import type { Subject, Usage } from '../subjects/start.ts';

const SAMPLING_INTERVAL = 100;
export const MEGABYTE = 1_000_000;

/** Samples the memory until it is stopped, and returns the maximum resident size in bytes. */
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
