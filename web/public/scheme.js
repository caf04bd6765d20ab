// Light or dark before the first paint. A file of its own, because inline scripts are not allowed.
(function () {
  var chosen;
  try {
    chosen = localStorage.getItem('weir-scheme');
  } catch (error) {
    chosen = null;
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
