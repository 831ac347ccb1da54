// The server decides who sees a guarded page: a link to one loads it from there.
export default defineNuxtRouteMiddleware((to) => {
  if (import.meta.client && !useNuxtApp().isHydrating) return navigateTo(to.fullPath, { external: true });
});
