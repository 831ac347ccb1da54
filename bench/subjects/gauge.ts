// Loaded into every system under test: reports what the process has used, and ends with the bench.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMilliseconds: (user + system) / 1_000, residentBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit());
process.channel?.unref();
