// Runs before the first paint, so that a remembered theme does not flash the other one.
try {
  const theme = localStorage.getItem('claimlake.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be blocked; the system's preference then holds.
}
