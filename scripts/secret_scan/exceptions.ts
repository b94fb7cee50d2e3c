const made = 'made up, in a test that no fault quotes a secret or that production refuses one';

/** What looks like a secret and is none: the SHA-256 of its text, as the scan prints it, and why. */
export const exceptions: Readonly<Record<string, string>> = {
  '248546ea191470ea361d825038e8b4ac454c35bddde440a262e1a0ed7d55e771': made,
  '66b2e5e09f65569cbcf1e2a3419e670b296464607df4cf4809325409335444be': made,
  be33a5c9b9471a4e72fe355b689012af555983b2056613e6c8dab5b355fea046: made,
  '51cd1d3d5d9bfcaab162d47d2b4c3f27fee426756abb53aee75d927b3dceace3': made,
  '8b12537cd300dac1fa68c8eb58adcbade63c8d3a70bb170ea3f4781fe44d87e8': made,
  '4f95ecb261c479461ae0fba7cf9cbc64a65aa16c8a7ae36a6136ef5f111cef27': made,
  '8280a0565ed0cc3c42db728db2e16a09c98ea56eadb6c4f09f28b79354b9ca4d': made,
  b6f2a46d8363de00df18d74e4aeb0814c17b53c646a8f0e560bdf508ccf0d625: made,
  e9f6f19e8ed20a34ddc423203951373ca6028aeb6800e421e8827dd5bc43773e: 'an example in docs/operate/tls.md',
  '608b9f6d953557f5c71685ef05752dde3ffc59dcc6b2d5abfbda9d21f5ff4f7a':
    'made up, in a test that the name of a repository holds no credentials',
};
