import 'reflect-metadata';

/** `npm run bench -- [api | limits | nothing: throughput]`. Exit code 1 when it is not as good as it must be. */
const [, , what = ''] = process.argv;
if (what === 'api') await import('./api-under-fault.js');
else if (what === 'limits') await import('./limits.js');
else await import('./throughput.js');
