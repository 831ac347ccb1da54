// Loaded before node:test, which otherwise follows every promise with async_hooks in order to know which test an
// unhandled error belongs to. That takes a quarter of the CPU time of a test that awaits much. The worker reports
// unhandled errors itself.
import asyncHooks from 'node:async_hooks';

const { createHook } = asyncHooks;

Object.assign(asyncHooks, {
  createHook: (callbacks: asyncHooks.HookCallbacks) => createHook({ ...callbacks, trackPromises: false }),
});
