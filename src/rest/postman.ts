import type { convertV2 } from 'openapi-to-postmanv2';

/** As much of an OpenAPI document as is looked at here. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, { operationId: string; summary: string }>>;
}

/** One request of a collection, as far as it is changed here. */
interface Item {
  name: string;
  item?: Item[];
  event?: object[];
  request: {
    method: string;
    url: { path: string[]; query: Setting[]; variable: { key: string; value: string }[] };
    header: Setting[];
    body?: { raw?: string };
  };
}
interface Setting {
  key: string;
  value: string;
  disabled?: boolean;
}

/** What one request sends, and keeps for those after it. */
interface Run {
  /** A text is sent as a file. */
  body?: object | string;
  /** The variable that gets the id of what was made. */
  keeps?: string;
  /** Statuses that are right, where it depends on what happened meanwhile. */
  statuses?: number[];
}

const MAYBE = [200, 409];
const client = { phone: '{{phone}}', tag: 'postman', timeZone: 'Europe/Moscow', attributes: { name: 'Anna' } };
const nobody = { filter: { tagsAny: ['postman-nobody'] } };
const mailing = {
  name: 'From Postman',
  text: "Hello, {{ name | default: 'friend' }}!",
  filter: { tagsAny: ['postman'] },
  startsAt: '{{inAnHour}}',
  endsAt: '{{tomorrow}}',
};

/** Every operation in an order in which each finds what it needs, by folder. */
const FOLDERS: Readonly<Record<string, Readonly<Record<string, Run>>>> = {
  Dictionaries: { listTimeZones: {} },
  Clients: {
    createClient: { body: client, keeps: 'clientId' },
    listClients: {},
    getClientFacets: {},
    getClient: {},
    replaceClient: { body: { ...client, tag: 'postman-2' } },
    changeClient: { body: { tags: ['postman'] } },
    importClients: {
      body: 'phone,time_zone,tags\n{{phone}},Europe/Moscow,postman\n',
      keeps: 'importId',
    },
    getImport: {},
    cancelImport: { statuses: MAYBE },
    getImportRejects: {},
    exportClients: {},
    clientsTag: { body: { ids: ['{{clientId}}'], tags: ['postman-3'] }, keeps: 'jobId' },
    clientsUntag: { body: { ids: ['{{clientId}}'], tags: ['postman-3'] } },
    clientsOptOut: { body: nobody },
    clientsDelete: { body: nobody },
    listClientJobs: {},
    getClientJob: {},
    cancelClientJob: { statuses: MAYBE },
  },
  Mailings: {
    askAudience: { body: { filter: { tagsAny: ['postman'] } } },
    forecastNewMailing: { body: mailing },
    createMailing: { body: { ...mailing, draft: true }, keeps: 'mailingId' },
    listMailings: {},
    getMailing: {},
    replaceMailing: { body: mailing },
    changeMailing: { body: { name: 'From Postman, renamed' } },
    forecastMailing: { body: { rateLimit: 10 } },
    scheduleMailing: {},
    startMailing: {},
    pauseMailing: { statuses: MAYBE },
    resumeMailing: { statuses: MAYBE },
    duplicateMailing: { body: { name: 'A copy' }, keeps: 'copyId' },
  },
  Messages: {
    listMessages: {},
    listAllMessages: {},
    sendTest: { body: { clientId: '{{clientId}}' }, keeps: 'messageId' },
    getMessage: {},
    retryMessage: { statuses: MAYBE },
    retryFailed: { body: {}, statuses: MAYBE },
    exportMessages: {},
  },
  Statistics: { getStatistics: {}, getMailingStatistics: {} },
  Tokens: {
    createToken: { body: { name: 'Postman', scopes: ['clients:read'] }, keeps: 'tokenId' },
    listTokens: {},
    revokeToken: {},
  },
  'At the end': {
    cancelMailing: { statuses: MAYBE },
    deleteMailing: { statuses: [204, 409] },
    deleteClient: {},
    eraseClient: {},
  },
};

/** What an address below `/clients` is about, if not clients. */
const JOBS: Readonly<Record<string, string>> = { import: 'import', jobs: 'job' };

/** Runs before each request: what it may need, made anew. */
const BEFORE = `const inHours = (hours) => new Date(Date.now() + hours * 3600000).toISOString();
pm.variables.set('inAnHour', inHours(1));
pm.variables.set('tomorrow', inHours(24));
if (!pm.collectionVariables.get('phone')) pm.collectionVariables.set('phone', '7999' + String(Date.now() % 10000000).padStart(7, '0'));`;

/**
 * Makes a Postman collection of an OpenAPI document that can be run from its beginning to its end. The same document gives the
 * same text.
 *
 * @param convert of openapi-to-postmanv2, which is there in development only
 * @throws Error that names each operation which has no place in the run, or is in it and not in the document
 */
export async function toPostman(document: OpenApiDocument, convert: typeof convertV2): Promise<string> {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const runs = Object.values(FOLDERS).flatMap((folder) => Object.keys(folder));
  const known = operations.map(({ operationId }) => operationId);
  const wrong = [...known.filter((id) => !runs.includes(id)), ...runs.filter((id) => !known.includes(id))];
  if (wrong.length > 0) throw new Error(`Say in rest/postman.ts where these stand in a run: ${wrong.join(', ')}`);
  const items = new Map((await converted(document, convert)).map((item) => [item.name, item]));
  const folder = ([name, operationsIn]: [string, Readonly<Record<string, Run>>]) => ({
    name,
    item: Object.entries(operationsIn).map(([id, run]) => {
      const { summary } = operations.find(({ operationId }) => operationId === id)!;
      return toRun(items.get(summary)!, run);
    }),
  });
  const collection = {
    info: {
      name: 'Heliograph',
      description: 'Made from /openapi.json. Set `token`, then run it whole, or any request of it.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{token}}', type: 'string' }] },
    event: [script('prerequest', BEFORE)],
    variable: [
      'baseUrl',
      'token',
      'phone',
      'clientId',
      'importId',
      'jobId',
      'mailingId',
      'copyId',
      'messageId',
      'tokenId',
    ].map((key) => ({
      key,
      value: key === 'baseUrl' ? 'http://127.0.0.1:4000' : '',
    })),
    item: Object.entries(FOLDERS).map(folder),
  };
  return `${JSON.stringify(collection, null, 2)}\n`;
}

function converted(document: OpenApiDocument, convert: typeof convertV2): Promise<Item[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Item[]>();
  // The library changes what it is given.
  const input = { type: 'json', data: structuredClone(document) } as Parameters<typeof convertV2>[0];
  convert(input, { folderStrategy: 'Tags', requestNameSource: 'Fallback' }, (error, answer) => {
    const output = answer?.output?.[0]?.data as { item: Item[] } | undefined;
    if (error || output === undefined) reject(new Error(`The document could not be converted: ${answer?.reason}`));
    else resolve(output.item.flatMap(({ item = [] }) => item));
  });
  return promise;
}

/** What the library fills in by chance is left out; what is sent, and looked at, is ours. */
function toRun({ name, request }: Item, { body, keeps, statuses = [200, 201, 202, 204] }: Run): object {
  const { method, url } = request;
  const thing = JOBS[url.path[3] ?? ''] ?? /^(client|mailing|message|token)s$/.exec(url.path[2] ?? '')?.[1];
  const headers = request.header.filter(({ key }) => key === 'Content-Type');
  const query = [...new Map(url.query.map((each) => [each.key, { ...each, value: '', disabled: true }])).values()];
  const keep = keeps ? `\npm.collectionVariables.set('${keeps}', pm.response.json().id);` : '';
  const check = `pm.test('${statuses.join(' or ')}', () => pm.expect(pm.response.code).to.be.oneOf(${JSON.stringify(statuses)}));`;
  return {
    name,
    request: {
      method,
      url: { ...url, query, variable: url.variable.map(({ key }) => ({ key, value: `{{${thing}Id}}` })) },
      header: body === undefined ? [] : headers,
      ...(body !== undefined && {
        body:
          typeof body === 'string'
            ? { mode: 'raw', raw: body, options: { raw: { language: 'text' } } }
            : { mode: 'raw', raw: JSON.stringify(body, null, 2), options: { raw: { language: 'json' } } },
      }),
    },
    event: [script('test', check + keep)],
  };
}

function script(listen: string, source: string): object {
  return { listen, script: { type: 'text/javascript', exec: source.split('\n') } };
}
