export default defineNuxtConfig({ compatibilityDate: '2026-12-01', telemetry: false });
